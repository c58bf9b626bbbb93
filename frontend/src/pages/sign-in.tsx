import "@/i18n/account";

import { Link, useNavigate } from "react-router";

import { DemoShoppers } from "@/components/shoppers/demo-shoppers";
import { SignInForm } from "@/components/shoppers/sign-in-form";
import { useTranslation } from "@/hooks/use-translation";

export default function SignInPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <>
      <title>{t("title", { page: t("signIn.title") })}</title>
      <div className="grid grid-cols-1 gap-14 md:grid-cols-[2fr_3fr] md:gap-20">
        <div>
          <h1 className="mb-6 text-2xl sm:text-3xl">{t("signIn.title")}</h1>
          <SignInForm onDone={() => void navigate("/")} />
          <ul className="mt-3 text-sm">
            {(["register", "forgotten-password"] as const).map((page) => (
              <li key={page}>
                <Link
                  to={`/${page}`}
                  className="inline-flex min-h-11 items-center underline underline-offset-4"
                >
                  {t(`signIn.${page}`)}
                </Link>
              </li>
            ))}
          </ul>
        </div>
        <DemoShoppers title={t("signIn.demo")} text={t("signIn.demoText")} />
      </div>
    </>
  );
}
