import { useTranslation } from "react-i18next";

import { ButtonLink } from "@/components/ui/button";
interface HeroProps {
  /** Null for who is not signed in. */
  name: string | null;
  /** Whether the shelves below follow what the shopper did. */
  noticed: boolean;
}

/** What this shop is about, in two sentences. */
export function Hero({ name, noticed }: HeroProps) {
  const { t } = useTranslation();
  const visitor = noticed ? "noticed" : "visitor";
  return (
    <div className="flex flex-col items-start">
      <h1 className="text-[clamp(2.1rem,10.4vw,3.4rem)] leading-[1.02] whitespace-pre-line lg:text-[3.2rem]">
        {name === null ? t(`hero.${visitor}.title`) : t("hero.known.title", { name })}
      </h1>
      <p className="mt-3 max-w-[46ch] text-muted sm:mt-4">
        {name === null ? t(`hero.${visitor}.text`) : t("hero.known.text")}
      </p>
      <ButtonLink to="/products" className="mt-5 sm:mt-6">
        {t("hero.browse")}
      </ButtonLink>
    </div>
  );
}
