import { useMoney } from "@/hooks/use-money";
import { useTranslation } from "@/hooks/use-translation";
import { shop } from "@/services/shop";

/** Returns a function that says a range of prices, of which one end may be open. */
export function usePriceRange(): (from: string | undefined, to: string | undefined) => string {
  const { t } = useTranslation();
  const money = useMoney();
  return (from, to) => {
    const say = (amount: string) => money(amount, shop.currency);
    if (from === undefined) return t("facets.upTo", { price: say(to ?? "0") });
    if (to === undefined) return t("facets.from", { price: say(from) });
    return t("facets.between", { from: say(from), to: say(to) });
  };
}
