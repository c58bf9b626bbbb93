import { FormError } from "@/components/shoppers/form-error";
import { NewPasswordField } from "@/components/shoppers/new-password-field";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { readText } from "@/components/ui/form-data";
import { useFormError } from "@/hooks/use-form-error";
import { useToast } from "@/hooks/use-toast";
import { useTranslation } from "@/hooks/use-translation";
import { useRegister } from "@/services/shoppers";

/** Creates an account and signs in to it. The server says what is wrong with a name or password. */
export function RegisterForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const toast = useToast();
  const describeError = useFormError();
  const register = useRegister();
  const submit = (form: FormData) => {
    const username = readText(form, "username").trim();
    register.mutate(
      { username, email: readText(form, "email").trim(), password: readText(form, "password") },
      {
        onSuccess: () => {
          toast.show({ text: t("register.welcome", { name: username }) });
          onDone();
        },
      },
    );
  };
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit(new FormData(event.currentTarget));
      }}
    >
      <Field id="username" name="username" label={t("signIn.username")} autoComplete="username" required />
      <Field id="email" name="email" type="email" label={t("register.email")} autoComplete="email" required />
      <NewPasswordField label={t("signIn.password")} />
      {register.isError && <FormError>{describeError(register.error)}</FormError>}
      <Button type="submit" busy={register.isPending}>
        {t("register.submit")}
      </Button>
    </form>
  );
}
