import type { Query, QueryClient } from "@tanstack/react-query";

/** Begins the key of every query whose answer depends on what the shopper does. */
export const personal = "personal";

/** Begins the key of lists that belong to a product or a cart, of which there may be many. */
export const contextual = [personal, "contextual"] as const;

/**
 * Let what the shopper just did show wherever they look next.
 *
 * Lists on screen stay still under the hand. Those that will soon be seen again are fetched now,
 * so that they have changed by then; those of a product or a cart when they are seen again.
 */
export async function refreshPersonalQueries(queryClient: QueryClient): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: [personal], refetchType: "none" });
  await queryClient.refetchQueries({
    queryKey: [personal],
    type: "inactive",
    predicate: ({ queryKey }: Query) => queryKey[1] !== contextual[1],
  });
}
