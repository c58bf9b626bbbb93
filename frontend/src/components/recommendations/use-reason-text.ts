import { useTranslation } from "@/hooks/use-translation";
import { getCategoryName } from "@/services/categories";
import type { Recommendation } from "@/services/types";

/** Reasons that name a product of the shopper's own history. */
const historyReasons = ["viewed", "liked", "put_in_cart", "purchased"] as const;

/** Whether the reason is the recommended product itself, which the shopper knows already. */
const isAboutItself = ({ product_id, reason }: Recommendation) => reason.product?.id === product_id;

/** Returns the sentence that says why a product is in a list. */
export function useReasonText(): (recommendation: Recommendation) => string {
  const { t } = useTranslation();
  return (recommendation) => {
    const { reason } = recommendation;
    // Under Teapot itself, "Because you viewed Teapot" becomes "You looked at it".
    const itself = isAboutItself(recommendation)
      ? historyReasons.find((code) => code === reason.code)
      : undefined;
    if (itself !== undefined) return t(`reason.itself.${itself}`);
    return t(`reason.${reason.code}`, {
      product: reason.product?.name ?? "",
      category: getCategoryName(reason.category ?? ""),
    });
  };
}

/**
 * The reason that more than half of a list's products share, which the list then says once; the other
 * products say theirs.
 *
 * `note` is what to write under the list's title: a reason that names a product says more than the
 * usual note; one about the products themselves says what the title says.
 */
export function findSharedReason(
  recommendations: Recommendation[],
  describe: (recommendation: Recommendation) => string,
  usualNote: string | undefined,
): { text: string | undefined; note: string | undefined } {
  const texts = recommendations.map(describe);
  const isShared = (text: string) => {
    const sharing = texts.filter((other) => other === text).length;
    return sharing > 1 && sharing > texts.length / 2;
  };
  const position = texts.findIndex(isShared);
  const [text, first] = [texts[position], recommendations[position]];
  if (text === undefined || first === undefined || isAboutItself(first)) return { text, note: usualNote };
  return { text, note: first.reason.product === null ? (usualNote ?? text) : text };
}
