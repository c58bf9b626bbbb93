import { Check } from "lucide-react";

import { useTranslation } from "@/hooks/use-translation";

export const steps = ["address", "delivery", "review"] as const;
export type Step = (typeof steps)[number];

/** The steps of the checkout; those before the current one are marked as done. */
export function StepList({ step }: { step: Step }) {
  const { t } = useTranslation();
  const current = steps.indexOf(step);
  return (
    <ol className="mb-6 grid grid-cols-3 gap-2 text-sm">
      {steps.map((name, position) => (
        <li
          key={name}
          aria-current={position === current ? "step" : undefined}
          className={`flex items-center gap-1.5 border-t-2 pt-2 ${
            position <= current ? "border-accent font-semibold" : "border-line text-muted forced-colors:border-[Canvas]"
          }`}
        >
          {position < current && <Check aria-hidden="true" size={15} className="text-accent" />}
          {t(`checkout.steps.${name}`)}
        </li>
      ))}
    </ol>
  );
}
