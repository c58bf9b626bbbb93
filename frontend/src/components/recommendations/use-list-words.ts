import { useTranslation } from "react-i18next";

import type { RecommendationList } from "@/services/types";

/** Heading and note of a list, true to where it came from: never "For you" over a popular one. */
export function useListWords() {
  const { t } = useTranslation();
  const title = (list: RecommendationList | undefined): string | undefined => {
    if (list === undefined) return undefined;
    if (list.personalized) return t(list.source === "session" ? "rail.session" : "rail.forYou");
    if (list.source === "trending" || list.source === "newest") return t(`rail.${list.source}`);
    return t("rail.popular");
  };
  const note = (list: RecommendationList) => t(`rail.explain.${list.source}`);
  return { title, note };
}
