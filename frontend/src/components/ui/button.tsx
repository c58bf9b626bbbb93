import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Link, type LinkProps } from "react-router";

type Variant = "solid" | "accent" | "outline" | "quiet";

const base =
  "inline-flex min-h-11 items-center justify-center gap-2 rounded-full border px-5 text-sm font-semibold " +
  "transition-colors duration-150 aria-disabled:cursor-not-allowed aria-disabled:opacity-55";

const variants: Record<Variant, string> = {
  solid: "border-transparent bg-ink text-paper hover:bg-[color-mix(in_oklab,var(--color-ink),var(--color-accent)_35%)]",
  accent: "border-transparent bg-accent text-on-accent hover:bg-[color-mix(in_oklab,var(--color-accent),var(--color-ink)_18%)]",
  outline: "border-line bg-surface text-ink hover:border-ink",
  quiet: "border-transparent text-ink hover:bg-sunken",
};

interface BusyProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** Whether what the button does is under way: it turns a ring and cannot be pressed. */
  busy?: boolean;
}

/**
 * A button that keeps the focus while it is busy or disabled, and ignores that it is pressed.
 *
 * The browser would take the focus from a button with the attribute `disabled`, and readers without
 * a mouse would start over at the top of the page.
 */
export function BareButton({ busy = false, disabled = false, onClick, ...rest }: BusyProps) {
  const isOff = busy || disabled;
  return (
    <button
      type="button"
      aria-busy={busy}
      aria-disabled={isOff}
      onClick={(event) => {
        // A submit button would send its form.
        if (isOff) event.preventDefault();
        else onClick?.(event);
      }}
      {...rest}
    />
  );
}

interface ButtonProps extends BusyProps {
  variant?: Variant;
}

export function Button({ variant = "solid", className = "", ...rest }: ButtonProps) {
  return <BareButton className={`${base} ${variants[variant]} ${className}`} {...rest} />;
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
  "relative grid size-11 shrink-0 place-items-center rounded-full border border-transparent " +
  "transition-colors hover:bg-sunken aria-disabled:opacity-40";

/** A round button that shows only an icon; `label` is its accessible name. */
export function IconButton({ label, className = "", ...rest }: IconButtonProps) {
  return <BareButton aria-label={label} title={label} className={`${round} ${className}`} {...rest} />;
}

interface IconLinkProps extends LinkProps {
  label: string;
}

/** A link that looks like an `IconButton`. */
export function IconLink({ label, className = "", ...rest }: IconLinkProps) {
  return <Link aria-label={label} title={label} className={`${round} ${className}`} {...rest} />;
}
