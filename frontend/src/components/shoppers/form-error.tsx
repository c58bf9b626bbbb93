import type { ReactNode } from "react";

/** Why the server did not accept a form. */
export function FormError({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className="rounded-lg bg-danger-soft px-3 py-2 text-sm text-danger forced-colors:border">
      {children}
    </p>
  );
}
