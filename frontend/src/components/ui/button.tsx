import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Link, type LinkProps } from "react-router";

type Look = "solid" | "accent" | "outline" | "quiet";

const shape =
  "inline-flex min-h-11 items-center justify-center gap-2 rounded-full px-5 text-sm font-semibold " +
  "transition-colors duration-150 disabled:cursor-not-allowed disabled:opacity-55";

const looks: Record<Look, string> = {
  solid: "bg-ink text-paper hover:bg-[color-mix(in_oklab,var(--color-ink),var(--color-accent)_35%)]",
  accent: "bg-accent text-on-accent hover:bg-[color-mix(in_oklab,var(--color-accent),var(--color-ink)_18%)]",
  outline: "border border-line bg-surface text-ink hover:border-ink",
  quiet: "text-ink hover:bg-sunken",
};

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
}

export function Button({ look = "solid", className = "", type = "button", ...rest }: ButtonProps) {
  return <button type={type} className={`${shape} ${looks[look]} ${className}`} {...rest} />;
}

interface ButtonLinkProps extends LinkProps {
  look?: Look;
}

export function ButtonLink({ look = "solid", className = "", ...rest }: ButtonLinkProps) {
  return <Link className={`${shape} ${looks[look]} ${className}`} {...rest} />;
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  label: string;
  children: ReactNode;
}

/** A round button that shows only a picture; `label` is what it is called. */
export function IconButton({ label, className = "", children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`relative grid size-11 shrink-0 place-items-center rounded-full transition-colors hover:bg-sunken disabled:opacity-40 ${className}`}
      {...rest}
    >
      {children}
    </button>
  );
}
