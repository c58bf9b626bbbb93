import { useTranslation } from "react-i18next";

import { FormTrouble } from "@/components/shoppers/form-trouble";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { text } from "@/components/ui/form-text";
import { useRefusal } from "@/hooks/use-refusal";
import type { useResetPassword } from "@/services/shoppers";

interface NewPasswordFormProps {
  /** What the mailed link says. */
  uid: string;
  token: string;
  reset: ReturnType<typeof useResetPassword>;
}

/** A new password in the place of a lost one. */
export function NewPasswordForm({ uid, token, reset }: NewPasswordFormProps) {
  const { t } = useTranslation();
  const refusal = useRefusal();
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        reset.mutate({ uid, token, password: text(new FormData(event.currentTarget), "password") });
      }}
    >
      <Field
        id="password"
        name="password"
        type="password"
        label={t("reset.password")}
        autoComplete="new-password"
        minLength={8}
        required
      />
      {reset.isError && <FormTrouble>{refusal(reset.error)}</FormTrouble>}
      <Button type="submit" disabled={reset.isPending}>
        {t("reset.submit")}
      </Button>
    </form>
  );
}
