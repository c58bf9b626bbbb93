import { Sparkle } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { Recommendation } from "@/services/types";

/** Reasons that name a product of the shopper's own history. */
const historyReasons = ["viewed", "liked", "purchased"] as const;

/** Why a product is in the list, and its score where a model gave one. */
export function ReasonLine({ recommendation }: { recommendation: Recommendation }) {
  const { t, i18n } = useTranslation();
  const { reason, source, confidence_score } = recommendation;
  // Under Teapot itself, "Because you viewed Teapot" becomes "You looked at it".
  const selfReason =
    reason.product?.id === recommendation.product_id
      ? historyReasons.find((code) => code === reason.code)
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
        {selfReason !== undefined
          ? t(`reason.itself.${selfReason}`)
          : t(`reason.${reason.code}`, {
              product: reason.product?.name ?? "",
              category: reason.category ?? "",
            })}
      </p>
    </div>
  );
}
