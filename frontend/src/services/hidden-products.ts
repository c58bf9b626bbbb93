import { type QueryClient, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";

import { makeChange, startChange } from "./changes";
import { client, unwrap } from "./client";
import { type FeedbackChange, feedbackKey, feedbackOptions } from "./feedback";
import type { ProductCard } from "./types";

const hiddenQuery = () =>
  queryOptions({
    queryKey: ["hidden-products"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/not-interested/", { signal })),
    staleTime: Infinity,
  });

export const useHiddenProducts = () => useQuery(hiddenQuery());

/** Products hidden in this visit: lists on screen must leave them out, later lists come without them. */
export const useRecentlyHiddenProducts = (): ProductCard[] =>
  useQuery({ ...hiddenQuery(), enabled: false }).data?.products ?? [];

const mutationKey = [...feedbackKey, "hide"];

const send = ({ product, isAdded }: FeedbackChange): Promise<unknown> =>
  unwrap(
    isAdded
      ? client.POST("/api/not-interested/", { body: { product_id: product.id } })
      : client.DELETE("/api/not-interested/{product_id}/", {
          params: { path: { product_id: product.id } },
        }),
  );

export function registerHiddenProducts(queryClient: QueryClient): void {
  queryClient.setMutationDefaults(mutationKey, feedbackOptions(queryClient, hiddenQuery().queryKey, send));
}

/** Return a function that hides a product from every list, or shows it again. */
export function useHideProduct(): (product: ProductCard, hidden: boolean) => void {
  const queryClient = useQueryClient();
  return (product, hidden) => {
    startChange(queryClient, mutationKey, { product, isAdded: hidden, ...makeChange() } satisfies FeedbackChange);
  };
}
