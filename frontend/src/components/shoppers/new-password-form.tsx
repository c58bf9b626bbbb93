import { FormError } from "@/components/shoppers/form-error";
import { NewPasswordField } from "@/components/shoppers/new-password-field";
import { Button } from "@/components/ui/button";
import { readText } from "@/components/ui/form-data";
import { useFormError } from "@/hooks/use-form-error";
import { useTranslation } from "@/hooks/use-translation";
import type { useResetPassword } from "@/services/shoppers";

interface NewPasswordFormProps {
  /** `uid` and `token` come from the mailed link. */
  uid: string;
  token: string;
  reset: ReturnType<typeof useResetPassword>;
}

/** Sets a new password. */
export function NewPasswordForm({ uid, token, reset }: NewPasswordFormProps) {
  const { t } = useTranslation();
  const describeError = useFormError();
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        reset.mutate({ uid, token, password: readText(new FormData(event.currentTarget), "password") });
      }}
    >
      <NewPasswordField label={t("reset.password")} />
      {reset.isError && <FormError>{describeError(reset.error)}</FormError>}
      <Button type="submit" busy={reset.isPending}>
        {t("reset.submit")}
      </Button>
    </form>
  );
}
