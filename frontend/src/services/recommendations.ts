import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, client } from "./client";
import type { Recommendation, RecommendationList } from "./types";

const shelfLength = 12;

/** The shopper's own list. An event makes it stale: see `useRecordInteraction`. */
const forYouQuery = () =>
  queryOptions({
    queryKey: ["personal", "for-you"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/recommendations/{user_id}/", {
          params: { path: { user_id: "me" }, query: { count: shelfLength } },
          signal,
        }),
      ),
  });

const trendingQuery = () =>
  queryOptions({
    queryKey: ["trending"],
    queryFn: ({ signal }) =>
      answer(client.GET("/api/trending/", { params: { query: { count: shelfLength } }, signal })),
  });

const popularQuery = () =>
  queryOptions({
    queryKey: ["popular"],
    queryFn: ({ signal }) =>
      answer(client.GET("/api/popular/", { params: { query: { count: shelfLength } }, signal })),
  });

const similarQuery = (productId: number) =>
  queryOptions({
    queryKey: ["similar", productId],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/products/{product_id}/similar/", {
          params: { path: { product_id: productId }, query: { count: shelfLength } },
          signal,
        }),
      ),
  });

/** Only pairs that shoppers did buy together: what fills the list up has rails of its own. */
const boughtTogetherQuery = (productId: number) =>
  queryOptions({
    queryKey: ["personal", "bought-together", productId],
    select: (list: RecommendationList) => only(list, ({ code }) => code === "bought_together"),
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/products/{product_id}/bought-together/", {
          params: { path: { product_id: productId }, query: { count: shelfLength } },
          signal,
        }),
      ),
  });

/** What goes with the products in the cart, by its reason; other products, other complements. */
const complementsQuery = (productIds: number[]) =>
  queryOptions({
    queryKey: ["personal", "complements", productIds],
    select: (list: RecommendationList) => only(list, ({ product }) => product !== null),
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/cart/recommendations/", {
          params: { query: { count: shelfLength } },
          signal,
        }),
      ),
  });

function only(
  list: RecommendationList,
  isMeant: (reason: Recommendation["reason"]) => boolean,
): RecommendationList {
  const recommendations = list.recommendations.filter(({ reason }) => isMeant(reason));
  return { ...list, recommendations, count: recommendations.length };
}

export const useBoughtTogether = (productId: number) => useQuery(boughtTogetherQuery(productId));
export const useComplements = (productIds: number[]) =>
  useQuery({ ...complementsQuery(productIds), enabled: productIds.length > 0 });
/** The products that the cart showed beside its own, whatever was in it then. */
export function useShownComplements(): number[] {
  const shown = useQueryClient().getQueriesData<RecommendationList>({
    queryKey: ["personal", "complements"],
  });
  return shown.flatMap(([, list]) => list?.recommendations.map(({ product_id }) => product_id) ?? []);
}
export const useForYou = () => useQuery(forYouQuery());
export const useTrending = () => useQuery(trendingQuery());
export const usePopular = (enabled: boolean) => useQuery({ ...popularQuery(), enabled });
export const useSimilarProducts = (productId: number) => useQuery(similarQuery(productId));
