import { useTranslation } from "react-i18next";

const link = "inline-flex min-h-11 items-center underline-offset-4 hover:underline";

export function Footer() {
  const { t } = useTranslation();
  return (
    <footer className="mt-20 border-t border-line">
      <div className="page flex flex-col gap-3 py-8 text-sm text-muted sm:flex-row sm:items-center sm:justify-between">
        <p className="max-w-prose">{t("footer.promise")}</p>
        <p className="flex gap-6">
          <a href="/api/docs/" className={link}>
            {t("footer.api")}
          </a>
          <a href="/admin/" className={link}>
            {t("footer.admin")}
          </a>
        </p>
      </div>
    </footer>
  );
}
