import type { InputHTMLAttributes } from "react";

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  id: string;
}

export function Field({ label, id, className = "", ...rest }: FieldProps) {
  return (
    <label htmlFor={id} className="grid gap-1.5 text-sm font-medium">
      {label}
      <input
        id={id}
        className={`min-h-11 w-full rounded-lg border border-line bg-surface px-3 font-normal placeholder:text-muted ${className}`}
        {...rest}
      />
    </label>
  );
}
