import { ButtonLink } from "@/components/ui/button";
import { useTranslation } from "@/hooks/use-translation";
interface HeroProps {
  /** Null for a visitor who is not signed in. */
  name: string | null;
  /** Whether the first list below follows what the visitor did. */
  isPersonalized: boolean;
  /** Whether the shopper lets lists follow what they do. */
  personalizationEnabled: boolean;
}

/** The greeting of the home page, which says what the shop does. */
export function Hero({ name, isPersonalized, personalizationEnabled }: HeroProps) {
  const { t } = useTranslation();
  const visitor = isPersonalized ? "personalized" : "visitor";
  const variant = personalizationEnabled ? visitor : "impersonal";
  return (
    <div className="flex flex-col items-start">
      <h1 className="text-[clamp(2.1rem,10.4vw,3.4rem)] leading-[1.02] whitespace-pre-line lg:text-[3.2rem]">
        {name === null ? t(`hero.${variant}.title`) : t("hero.known.title", { name })}
      </h1>
      <p className="mt-3 max-w-[46ch] text-muted sm:mt-4">
        {t(`hero.${name !== null && personalizationEnabled ? "known" : variant}.text`)}
      </p>
      <ButtonLink to="/products" className="mt-5 sm:mt-6">
        {t("hero.browse")}
      </ButtonLink>
    </div>
  );
}
