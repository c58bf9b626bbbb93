import { useTranslation } from "react-i18next";

import { FormError } from "@/components/shoppers/form-error";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { readText } from "@/components/ui/form-data";
import { Notice } from "@/components/ui/notice";
import { useFormError } from "@/hooks/use-form-error";
import { useRequestPasswordReset } from "@/services/shoppers";

/** Asks for a mail with a link. Whether the address has an account is never told. */
export function ForgottenPasswordForm() {
  const { t } = useTranslation();
  const refusal = useFormError();
  const ask = useRequestPasswordReset();
  if (ask.isSuccess) {
    return (
      <div role="status">
        <Notice
          title={t("forgotten.sent")}
          action={
            <Button variant="outline" onClick={ask.reset}>
              {t("forgotten.again")}
            </Button>
          }
        >
          {t("forgotten.sentText", { email: ask.variables })}
        </Notice>
      </div>
    );
  }
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate(readText(new FormData(event.currentTarget), "email").trim());
      }}
    >
      <Field
        id="email"
        name="email"
        type="email"
        label={t("register.email")}
        autoComplete="email"
        defaultValue={ask.variables}
        required
      />
      {ask.isError && <FormError>{refusal(ask.error)}</FormError>}
      <Button type="submit" disabled={ask.isPending}>
        {t("forgotten.submit")}
      </Button>
    </form>
  );
}
