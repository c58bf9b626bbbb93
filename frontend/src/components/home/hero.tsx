import { useTranslation } from "react-i18next";

import { ButtonLink } from "@/components/ui/button";
/** What this shop is about, in two sentences; `name` is null for who is not signed in. */
export function Hero({ name }: { name: string | null }) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-col items-start">
      <h1 className="text-[clamp(1.75rem,7.6vw,2.75rem)] leading-[1.05] whitespace-pre-line lg:text-[2.7rem]">
        {name === null ? t("hero.title") : t("hero.titleKnown", { name })}
      </h1>
      <p className="mt-4 max-w-[46ch] text-muted">
        {name === null ? t("hero.text") : t("hero.textKnown")}
      </p>
      <ButtonLink to="/products" className="mt-6">
        {t("hero.browse")}
      </ButtonLink>
    </div>
  );
}
