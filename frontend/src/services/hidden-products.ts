import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "./client";
import { refreshPersonalQueries } from "./personal-queries";
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

interface HideChange {
  product: ProductCard;
  hidden: boolean;
}

const send = ({ product, hidden }: HideChange): Promise<unknown> =>
  unwrap(
    hidden
      ? client.POST("/api/not-interested/", { body: { product_id: product.id } })
      : client.DELETE("/api/not-interested/{product_id}/", {
          params: { path: { product_id: product.id } },
        }),
  );

/** Hide a product from every list, or show it again; optimistic, rolled back on error. */
export function useHideProduct() {
  const queryClient = useQueryClient();
  const { queryKey } = hiddenQuery();
  return useMutation({
    mutationFn: send,
    scope: { id: "hidden-products" },
    onMutate: async ({ product, hidden }) => {
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData(queryKey);
      const others = (before?.products ?? []).filter(({ id }) => id !== product.id);
      const products = hidden ? [product, ...others] : others;
      queryClient.setQueryData(queryKey, { products, count: products.length });
      return before;
    },
    onError: (_error, _change, before) => {
      queryClient.setQueryData(queryKey, before);
    },
    onSuccess: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey }),
        refreshPersonalQueries(queryClient),
      ]),
  });
}
