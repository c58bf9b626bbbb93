import { Sparkle } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { Recommendation } from "@/services/types";

const own = ["viewed", "liked", "purchased"] as const;

/** Why a product is in the list, and how well it fits where a model said so. */
export function ReasonLine({ recommendation }: { recommendation: Recommendation }) {
  const { t, i18n } = useTranslation();
  const { reason, source, confidence_score } = recommendation;
  // "Because you viewed Teapot" under Teapot itself would be an odd way to say so.
  const itself =
    reason.product?.id === recommendation.product_id
      ? own.find((code) => code === reason.code)
      : undefined;
  const percent = new Intl.NumberFormat(i18n.language, { style: "percent" }).format(
    confidence_score,
  );
  return (
    <div className="mt-0.5 flex flex-col items-start gap-1 text-xs text-muted">
      {source === "model" && (
        <p className="inline-flex items-center gap-1 rounded-full bg-accent-soft px-2 py-0.5 font-semibold text-accent">
          <Sparkle aria-hidden="true" size={11} fill="currentColor" />
          {t("reason.match", { percent })}
        </p>
      )}
      <p className="line-clamp-2 text-pretty">
        {itself !== undefined
          ? t(`reason.itself.${itself}`)
          : t(`reason.${reason.code}`, {
              product: reason.product?.name ?? "",
              category: reason.category ?? "",
            })}
      </p>
    </div>
  );
}
