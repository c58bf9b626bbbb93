import { Button } from "@/components/ui/button";
import { useTranslation } from "@/hooks/use-translation";

/** Shown where a page failed to load or to render. Depends on nothing that may have failed with it. */
export function ErrorPage() {
  const { t } = useTranslation();
  return (
    <div className="py-20" role="alert">
      <title>{t("title", { page: t("error.title") })}</title>
      <h1 className="max-w-[18ch] text-2xl sm:text-3xl">{t("error.title")}</h1>
      <p className="mt-4 mb-6 max-w-prose text-muted">{t("error.text")}</p>
      <div className="flex gap-3">
        <Button
          onClick={() => {
            window.location.reload();
          }}
        >
          {t("error.reload")}
        </Button>
        <a href="/" className="inline-flex min-h-11 items-center px-4 text-sm underline underline-offset-4">
          {t("notFound.home")}
        </a>
      </div>
    </div>
  );
}
