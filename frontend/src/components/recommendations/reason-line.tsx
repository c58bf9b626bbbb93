import { Sparkle } from "lucide-react";

import { useTranslation } from "@/hooks/use-translation";
import { numberFormat } from "@/services/number-format";
import type { Recommendation } from "@/services/types";

interface ReasonLineProps {
  recommendation: Recommendation;
  /** Why the product is in the list; undefined where the list says it for all its products. */
  reason: string | undefined;
}

/** Why a product is in the list, and its score where a model gave one. */
export function ReasonLine({ recommendation, reason }: ReasonLineProps) {
  const { t, language } = useTranslation();
  const { source, confidence_score } = recommendation;
  const percent = numberFormat(language, { style: "percent" }).format(confidence_score);
  return (
    <div className="mt-0.5 flex flex-col items-start gap-1 text-xs text-muted empty:hidden">
      {source === "model" && (
        <p className="inline-flex items-center gap-1 rounded-full bg-accent-soft px-2 py-0.5 font-semibold text-accent forced-colors:border">
          <Sparkle aria-hidden="true" size={11} fill="currentColor" />
          {t("reason.match", { percent })}
        </p>
      )}
      {reason !== undefined && <p className="line-clamp-2 text-pretty">{reason}</p>}
    </div>
  );
}
