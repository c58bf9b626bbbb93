import type { InputHTMLAttributes, ReactNode } from "react";

interface FieldFrameProps {
  label: string;
  id: string;
  /** What is wrong with the value, and what would be right. */
  error?: string | undefined;
  children: ReactNode;
}

/** A labelled field with the sentence that says what is wrong with its value. */
export function FieldFrame({ label, id, error, children }: FieldFrameProps) {
  return (
    <div className="grid content-start gap-1.5 text-sm">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children}
      {error !== undefined && (
        <p id={`${id}-error`} className="text-danger">
          {error}
        </p>
      )}
    </div>
  );
}

export const fieldClassName =
  "min-h-11 w-full rounded-lg border border-line bg-surface px-3 font-normal placeholder:text-muted aria-invalid:border-danger";

/** The attributes that connect a field with the sentence about its value. */
export const describeError = (id: string, error: string | undefined) =>
  error === undefined ? {} : { "aria-invalid": true, "aria-describedby": `${id}-error` };

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  id: string;
  error?: string | undefined;
}

export function Field({ label, id, error, className = "", ...rest }: FieldProps) {
  return (
    <FieldFrame label={label} id={id} error={error}>
      <input id={id} className={`${fieldClassName} ${className}`} {...describeError(id, error)} {...rest} />
    </FieldFrame>
  );
}
