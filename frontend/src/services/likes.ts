import { type QueryClient, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";

import { makeChange, startChange } from "./changes";
import { client, unwrap } from "./client";
import { type FeedbackChange, feedbackKey, feedbackOptions } from "./feedback";

const likesQuery = () =>
  queryOptions({
    queryKey: ["likes"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/likes/", { signal })),
    staleTime: Infinity,
  });

export const useLikes = () => useQuery(likesQuery());

const mutationKey = [...feedbackKey, "like"];

const send = ({ product, isAdded, listPosition, eventId }: FeedbackChange): Promise<unknown> =>
  unwrap(
    isAdded
      ? client.POST("/api/likes/", {
          body: { product_id: product.id, event_id: eventId, ...listPosition },
        })
      : client.DELETE("/api/likes/{product_id}/", { params: { path: { product_id: product.id } } }),
  );

export function registerLikes(queryClient: QueryClient): void {
  queryClient.setMutationDefaults(mutationKey, feedbackOptions(queryClient, likesQuery().queryKey, send));
}

/** Return a function that likes a product or takes the like back. */
export function useChangeLike(): (change: Omit<FeedbackChange, "eventId" | "shopper">) => void {
  const queryClient = useQueryClient();
  return (change) => {
    startChange(queryClient, mutationKey, { ...change, ...makeChange() } satisfies FeedbackChange);
  };
}
