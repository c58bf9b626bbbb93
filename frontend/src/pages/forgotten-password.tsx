import "@/i18n/account";

import { Link } from "react-router";

import { ForgottenPasswordForm } from "@/components/shoppers/forgotten-password-form";
import { useTranslation } from "@/hooks/use-translation";

export default function ForgottenPasswordPage() {
  const { t } = useTranslation();
  return (
    <div className="max-w-sm">
      <title>{t("title", { page: t("forgotten.title") })}</title>
      <h1 className="text-2xl sm:text-3xl">{t("forgotten.title")}</h1>
      <p className="mt-2 mb-6 text-muted">{t("forgotten.text")}</p>
      <ForgottenPasswordForm />
      <Link
        to="/sign-in"
        className="mt-3 inline-flex min-h-11 items-center text-sm underline underline-offset-4"
      >
        {t("forgotten.back")}
      </Link>
    </div>
  );
}
