import { Field } from "@/components/ui/field";

/** Asks for a password that the server will take: one of at least eight characters. */
export function NewPasswordField({ label }: { label: string }) {
  return (
    <Field
      id="password"
      name="password"
      type="password"
      label={label}
      autoComplete="new-password"
      minLength={8}
      required
    />
  );
}
