import "@/i18n/account";

import { useSearchParams } from "react-router";

import { NewPasswordForm } from "@/components/shoppers/new-password-form";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useTranslation } from "@/hooks/use-translation";
import { ApiError } from "@/services/client";
import { useResetPassword } from "@/services/shoppers";

/** The page of the mailed link. Where the link was used, is too old or incomplete, it offers a new one. */
export default function ResetPasswordPage() {
  const { t } = useTranslation();
  const [parameters] = useSearchParams();
  const uid = parameters.get("uid") ?? "";
  const token = parameters.get("token") ?? "";
  const reset = useResetPassword();
  const isLinkInvalid =
    reset.error instanceof ApiError &&
    reset.error.fields.some((field) => field === "token" || field === "uid");

  return (
    <div className="max-w-sm">
      <title>{t("title", { page: t("reset.title") })}</title>
      <h1 className="mb-6 text-2xl sm:text-3xl">{t("reset.title")}</h1>
      {uid === "" || token === "" || isLinkInvalid ? (
        <div role="alert">
          <Notice
            title={t("reset.expired")}
            action={<ButtonLink to="/forgotten-password">{t("reset.another")}</ButtonLink>}
          >
            {t("reset.expiredText")}
          </Notice>
        </div>
      ) : reset.isSuccess ? (
        <div role="status">
          <Notice
            title={t("reset.done")}
            action={<ButtonLink to="/sign-in">{t("header.signIn")}</ButtonLink>}
          >
            {t("reset.doneText")}
          </Notice>
        </div>
      ) : (
        <NewPasswordForm uid={uid} token={token} reset={reset} />
      )}
    </div>
  );
}
