import { Star } from "lucide-react";

import { useTranslation } from "@/hooks/use-translation";
import { numberFormat } from "@/services/number-format";
import type { Product } from "@/services/types";

/** The average rating, as stars and in words. */
export function Stars({ rating }: { rating: Product["rating"] }) {
  const { t, language } = useTranslation();
  if (rating.average === null) {
    return <p className="text-sm text-muted">{t("product.unrated")}</p>;
  }
  const average = numberFormat(language, { maximumFractionDigits: 1 }).format(rating.average);
  return (
    <p className="flex flex-wrap items-center gap-x-2 text-sm">
      <span role="img" aria-label={t("product.rating", { average })} className="relative flex">
        <StarRow className="text-line forced-colors:text-[Canvas]" />
        <span
          className="absolute inset-0 overflow-hidden"
          style={{ width: `${(rating.average / 5) * 100}%` }}
        >
          <StarRow className="text-amber" />
        </span>
      </span>
      <span className="font-semibold" aria-hidden="true">
        {average}
      </span>
      <span className="text-muted">{t("product.ratings", { count: rating.count })}</span>
    </p>
  );
}

function StarRow({ className }: { className: string }) {
  return (
    <span className={`flex w-max gap-0.5 ${className}`} aria-hidden="true">
      {Array.from({ length: 5 }, (_, position) => (
        <Star key={position} size={16} fill="currentColor" strokeWidth={0} />
      ))}
    </span>
  );
}
