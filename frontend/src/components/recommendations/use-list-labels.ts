import { useTranslation } from "@/hooks/use-translation";
import type { NamedList } from "@/services/types";

const newestTitles = ["rail.newest", "rail.moreNewest", "rail.evenMoreNewest"] as const;
const boughtBeforeTitles = [
  "rail.boughtBefore",
  "rail.moreBoughtBefore",
  "rail.evenMoreBoughtBefore",
] as const;

/** The titles and notes of a page's lists. They name the source: a popular list is never called "For you". */
export function useListLabels(lists: NamedList[]) {
  const { t } = useTranslation();

  /** Which of the lists with its source a list is, from 0: in a small shop, one source fills several. */
  const getOrdinal = (list: NamedList) =>
    lists.filter(({ source }) => source === list.source).indexOf(list);

  /** The title for the list's ordinal; the last one holds for all further lists. */
  const choose = <Key>(list: NamedList, titles: readonly [Key, ...Key[]]): Key =>
    titles[Math.min(getOrdinal(list), titles.length - 1)] ?? titles[0];

  const titleBySource = (list: NamedList): string => {
    if (list.personalized) return t(list.source === "session" ? "rail.session" : "rail.forYou");
    if (list.source === "trending") return t(choose(list, ["rail.trending", "rail.moreTrending"]));
    if (list.source === "newest") return t(choose(list, newestTitles));
    if (list.source === "pinned") return t("rail.pinned");
    return t(choose(list, ["rail.popular", "rail.morePopular"]));
  };

  const title = (list: NamedList): string => {
    if (list.source === "bought_before") return t(choose(list, boughtBeforeTitles));
    switch (list.name) {
      case "recently-viewed":
        return t("rail.recent");
      case "buy-again":
        return t("rail.buyAgain");
      case "new-arrivals":
        return t(choose(list, newestTitles));
      case "bought-together":
        return t("rail.boughtTogether");
      case "complements":
        return t("rail.complements");
      case "similar":
        // Without interactions, nobody has looked at anything.
        if (list.source === "newest") return t(choose(list, newestTitles));
        return t(list.source === "content" ? "rail.similar" : "rail.alsoPopular");
      case "after-order":
        return t("rail.afterOrder");
      default:
        return titleBySource(list);
    }
  };

  const listsWithNote = ["for-you", "trending", "new-arrivals", "after-order"];
  const note = (list: NamedList): string | undefined => {
    if (!listsWithNote.includes(list.name) && list.source !== "bought_before") return undefined;
    // The first list has said it; its title tells that there is more.
    return getOrdinal(list) === 0 ? t(`rail.explain.${list.source}`) : "";
  };

  return { title, note };
}
