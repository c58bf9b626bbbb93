import "@/i18n/account";

import { Link, useNavigate } from "react-router";

import { RegisterForm } from "@/components/shoppers/register-form";
import { useTranslation } from "@/hooks/use-translation";
import { usePersonalizationEnabled } from "@/services/shoppers";

export default function RegisterPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const isPersonal = usePersonalizationEnabled();
  return (
    <div className="max-w-sm">
      <title>{t("title", { page: t("register.title") })}</title>
      <h1 className="text-2xl sm:text-3xl">{t("register.title")}</h1>
      <p className="mt-2 mb-6 text-muted">{t(isPersonal ? "register.text" : "register.textImpersonal")}</p>
      <RegisterForm onDone={() => void navigate("/")} />
      <Link
        to="/sign-in"
        className="mt-3 inline-flex min-h-11 items-center text-sm underline underline-offset-4"
      >
        {t("register.haveOne")}
      </Link>
    </div>
  );
}
