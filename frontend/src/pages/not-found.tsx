import { HomeRail } from "@/components/recommendations/home-rail";
import { ButtonLink } from "@/components/ui/button";
import { useTranslation } from "@/hooks/use-translation";

export default function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <>
      <title>{t("title", { page: t("notFound.title") })}</title>
      <h1 className="max-w-[18ch] pt-6 text-2xl sm:text-3xl">{t("notFound.title")}</h1>
      <p className="mt-4 mb-6 max-w-prose text-muted">{t("notFound.text")}</p>
      <ButtonLink to="/">{t("notFound.home")}</ButtonLink>
      <HomeRail />
    </>
  );
}
