import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Link, type LinkProps } from "react-router";

type Variant = "solid" | "accent" | "outline" | "quiet";

const base =
  "inline-flex min-h-11 items-center justify-center gap-2 rounded-full px-5 text-sm font-semibold " +
  "transition-colors duration-150 disabled:cursor-not-allowed disabled:opacity-55";

const variants: Record<Variant, string> = {
  solid: "bg-ink text-paper hover:bg-[color-mix(in_oklab,var(--color-ink),var(--color-accent)_35%)]",
  accent: "bg-accent text-on-accent hover:bg-[color-mix(in_oklab,var(--color-accent),var(--color-ink)_18%)]",
  outline: "border border-line bg-surface text-ink hover:border-ink",
  quiet: "text-ink hover:bg-sunken",
};

interface BusyProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** Whether what the button does is under way: it turns a ring and cannot be pressed. */
  busy?: boolean;
}

interface ButtonProps extends BusyProps {
  variant?: Variant;
}

export function Button({ variant = "solid", className = "", busy = false, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      aria-busy={busy}
      disabled={busy || disabled}
      className={`${base} ${variants[variant]} ${className}`}
      {...rest}
    />
  );
}

interface ButtonLinkProps extends LinkProps {
  variant?: Variant;
}

export function ButtonLink({ variant = "solid", className = "", ...rest }: ButtonLinkProps) {
  return <Link className={`${base} ${variants[variant]} ${className}`} {...rest} />;
}

interface IconButtonProps extends BusyProps {
  label: string;
  children: ReactNode;
}

const round =
  "relative grid size-11 shrink-0 place-items-center rounded-full transition-colors hover:bg-sunken " +
  "disabled:opacity-40 aria-disabled:opacity-40";

/** A round button that shows only an icon; `label` is its accessible name. */
export function IconButton({ label, className = "", busy = false, disabled, children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-busy={busy}
      disabled={busy || disabled}
      className={`${round} ${className}`}
      {...rest}
    >
      {children}
    </button>
  );
}

interface IconLinkProps extends LinkProps {
  label: string;
}

/** A link that looks like an `IconButton`. */
export function IconLink({ label, className = "", ...rest }: IconLinkProps) {
  return <Link aria-label={label} title={label} className={`${round} ${className}`} {...rest} />;
}
