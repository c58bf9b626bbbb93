import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "./client";
import type { ListPosition } from "./events";
import { refreshPersonalQueries } from "./personal-queries";
import type { ProductCard } from "./types";

const likesQuery = () =>
  queryOptions({
    queryKey: ["likes"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/likes/", { signal })),
    staleTime: Infinity,
  });

export const useLikes = () => useQuery(likesQuery());

interface LikeChange {
  product: ProductCard;
  liked: boolean;
  listPosition?: ListPosition | undefined;
}

const send = ({ product, liked, listPosition }: LikeChange): Promise<unknown> =>
  unwrap(
    liked
      ? client.POST("/api/likes/", {
          body: {
            product_id: product.id,
            event_id: crypto.randomUUID(),
            ...listPosition,
          },
        })
      : client.DELETE("/api/likes/{product_id}/", { params: { path: { product_id: product.id } } }),
  );

/** Like a product or take the like back; optimistic, rolled back on error. */
export function useChangeLike() {
  const queryClient = useQueryClient();
  const { queryKey } = likesQuery();
  return useMutation({
    mutationFn: send,
    scope: { id: "likes" },
    onMutate: async ({ product, liked }) => {
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData(queryKey);
      const others = (before?.products ?? []).filter(({ id }) => id !== product.id);
      const products = liked ? [product, ...others] : others;
      queryClient.setQueryData(queryKey, { products, count: products.length });
      return before;
    },
    onError: (_error, _change, before) => {
      queryClient.setQueryData(queryKey, before);
    },
    onSuccess: () => refreshPersonalQueries(queryClient),
  });
}
