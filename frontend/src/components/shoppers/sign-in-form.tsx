import { FormError } from "@/components/shoppers/form-error";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { readText } from "@/components/ui/form-data";
import { useTranslation } from "@/hooks/use-translation";
import { ApiError } from "@/services/client";
import { useSignIn } from "@/services/shoppers";

/** User name or e-mail address, and password; `onDone` is called once the shopper is signed in. */
export function SignInForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const signIn = useSignIn();
  const submit = (form: FormData) => {
    signIn.mutate(
      { username: readText(form, "username"), password: readText(form, "password") },
      { onSuccess: onDone },
    );
  };
  const isRejected = signIn.error instanceof ApiError && [400, 401].includes(signIn.error.status);
  return (
    <form
      className="grid max-w-sm gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit(new FormData(event.currentTarget));
      }}
    >
      <Field id="username" name="username" label={t("signIn.name")} autoComplete="username" required />
      <Field
        id="password"
        name="password"
        type="password"
        label={t("signIn.password")}
        autoComplete="current-password"
        required
      />
      {signIn.isError && (
        <FormError>{isRejected ? t("signIn.wrong") : signIn.error.message}</FormError>
      )}
      <Button type="submit" busy={signIn.isPending}>
        {t("signIn.submit")}
      </Button>
    </form>
  );
}
