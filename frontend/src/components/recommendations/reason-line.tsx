import { Sparkle } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { Recommendation } from "@/services/types";

/** Why a product is in the list, and how well it fits where a model said so. */
export function ReasonLine({ recommendation }: { recommendation: Recommendation }) {
  const { t, i18n } = useTranslation();
  const { reason, source, confidence_score } = recommendation;
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
        {t(`reason.${reason.code}`, {
          product: reason.product?.name ?? "",
          category: reason.category ?? "",
        })}
      </p>
    </div>
  );
}
