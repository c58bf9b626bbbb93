import { FormError } from "@/components/shoppers/form-error";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { readText } from "@/components/ui/form-data";
import { Notice } from "@/components/ui/notice";
import { useFormError } from "@/hooks/use-form-error";
import { useTranslation } from "@/hooks/use-translation";
import { useRequestPasswordReset } from "@/services/shoppers";

/** Requests a mail with a link. It never says whether the address has an account. */
export function ForgottenPasswordForm() {
  const { t } = useTranslation();
  const describeError = useFormError();
  const request = useRequestPasswordReset();
  if (request.isSuccess) {
    return (
      <div role="status">
        <Notice
          title={t("forgotten.sent")}
          action={
            <Button variant="outline" onClick={request.reset}>
              {t("forgotten.again")}
            </Button>
          }
        >
          {t("forgotten.sentText", { email: request.variables })}
        </Notice>
      </div>
    );
  }
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        request.mutate(readText(new FormData(event.currentTarget), "email").trim());
      }}
    >
      <Field
        id="email"
        name="email"
        type="email"
        label={t("register.email")}
        autoComplete="email"
        defaultValue={request.variables}
        required
      />
      {request.isError && <FormError>{describeError(request.error)}</FormError>}
      <Button type="submit" busy={request.isPending}>
        {t("forgotten.submit")}
      </Button>
    </form>
  );
}
