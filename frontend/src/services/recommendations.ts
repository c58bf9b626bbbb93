import { queryOptions, useQuery } from "@tanstack/react-query";

import { answer, client } from "./client";

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

export const useForYou = () => useQuery(forYouQuery());
export const useTrending = () => useQuery(trendingQuery());
export const usePopular = (enabled: boolean) => useQuery({ ...popularQuery(), enabled });
export const useSimilarProducts = (productId: number) => useQuery(similarQuery(productId));
