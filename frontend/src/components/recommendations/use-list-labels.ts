import { useTranslation } from "@/hooks/use-translation";
import type { NamedList } from "@/services/types";

/** The titles and notes of a page's lists. They name the source: a popular list is never called "For you". */
export function useListLabels(lists: NamedList[]) {
  const { t } = useTranslation();

  const isRepeated = (list: NamedList) =>
    lists.find(({ source }) => source === list.source) !== list;

  const titleBySource = (list: NamedList): string => {
    if (list.personalized) return t(list.source === "session" ? "rail.session" : "rail.forYou");
    if (list.source === "trending") return t(isRepeated(list) ? "rail.moreTrending" : "rail.trending");
    if (list.source === "newest") return t("rail.newest");
    if (list.source === "pinned") return t("rail.pinned");
    return t(isRepeated(list) ? "rail.morePopular" : "rail.popular");
  };

  const title = (list: NamedList): string => {
    if (list.source === "bought_before") {
      return t(isRepeated(list) ? "rail.moreBoughtBefore" : "rail.boughtBefore");
    }
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
        return t(list.source === "content" ? "rail.similar" : "rail.alsoPopular");
      case "after-order":
        return t("rail.afterOrder");
      default:
        return titleBySource(list);
    }
  };

  const listsWithNote = ["for-you", "trending", "new-arrivals", "after-order"];
  const note = (list: NamedList): string | undefined =>
    listsWithNote.includes(list.name) ? t(`rail.explain.${list.source}`) : undefined;

  return { title, note };
}
