import { useTranslation } from "react-i18next";

import { FormTrouble } from "@/components/shoppers/form-trouble";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { text } from "@/components/ui/form-text";
import { Notice } from "@/components/ui/notice";
import { useRefusal } from "@/hooks/use-refusal";
import { useAskForReset } from "@/services/shoppers";

/** Asks for a mail with a link. Whether the address has an account is never told. */
export function ForgottenPasswordForm() {
  const { t } = useTranslation();
  const refusal = useRefusal();
  const ask = useAskForReset();
  if (ask.isSuccess) {
    return (
      <div role="status">
        <Notice
          title={t("forgotten.sent")}
          action={
            <Button look="outline" onClick={ask.reset}>
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
        ask.mutate(text(new FormData(event.currentTarget), "email").trim());
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
      {ask.isError && <FormTrouble>{refusal(ask.error)}</FormTrouble>}
      <Button type="submit" disabled={ask.isPending}>
        {t("forgotten.submit")}
      </Button>
    </form>
  );
}
