import { useTranslation } from "react-i18next";

import type { NamedList } from "@/services/types";

/** Headings and notes of a page's lists, true to where each came from: never "For you" over a popular one. */
export function useListLabels(lists: NamedList[]) {
  const { t } = useTranslation();

  const bySource = (list: NamedList): string => {
    if (list.personalized) return t(list.source === "session" ? "rail.session" : "rail.forYou");
    const again = lists.find(({ source }) => source === list.source) !== list;
    if (list.source === "trending") return t(again ? "rail.moreTrending" : "rail.trending");
    if (list.source === "newest") return t("rail.newest");
    if (list.source === "pinned") return t("rail.pinned");
    return t(again ? "rail.morePopular" : "rail.popular");
  };

  const title = (list: NamedList): string => {
    switch (list.name) {
      case "recently-viewed":
        return t("rail.recent");
      case "buy-again":
        return t("rail.buyAgain");
      case "new-arrivals":
        return t("rail.newest");
      case "bought-together":
        return t("rail.boughtTogether");
      case "complements":
        return t("rail.complements");
      case "similar":
        return t(list.source === "model" ? "rail.similar" : "rail.alsoPopular");
      case "after-order":
        return t("rail.afterOrder");
      default:
        return bySource(list);
    }
  };

  const explained = ["for-you", "trending", "new-arrivals", "after-order"];
  const note = (list: NamedList): string | undefined =>
    explained.includes(list.name) ? t(`rail.explain.${list.source}`) : undefined;

  return { title, note };
}
