import type { Query, QueryClient } from "@tanstack/react-query";

/** The key of every query whose data depends on what the shopper does begins with this. */
export const personalKey = "personal";

/** The key of lists for one product or one cart begins with this; there may be many of them. */
export const contextualKey = [personalKey, "contextual"] as const;

/**
 * Refresh the data that depends on what the shopper just did.
 *
 * Lists on screen do not change. Lists that the shopper will soon see again are fetched now;
 * lists for a product or a cart are fetched when they are shown again.
 */
export async function refreshPersonalQueries(queryClient: QueryClient): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: [personalKey], refetchType: "none" });
  await queryClient.refetchQueries({
    queryKey: [personalKey],
    type: "inactive",
    predicate: ({ queryKey }: Query) => queryKey[1] !== contextualKey[1],
  });
}
