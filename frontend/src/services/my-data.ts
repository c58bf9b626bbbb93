import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { dropChanges } from "./changes";
import { clearDraft } from "./checkout-draft";
import { client, unwrap } from "./client";
import { impressionOutbox, interactionOutbox } from "./events";
import { personalKey } from "./personal-queries";
import { forgetSearches } from "./recent-searches";
import { setHasVisitorId } from "./visitor-id";

/** How much the shop stores about the shopper. */
export const useDataCounts = () =>
  useQuery({
    queryKey: [personalKey, "data-counts"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/me/counts/", { signal })),
    staleTime: 0,
  });

export function useSetPersonalization() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (enabled: boolean) =>
      unwrap(client.PATCH("/api/me/", { body: { personalization_enabled: enabled } })),
    onSuccess: async (me) => {
      queryClient.setQueryData(["me"], me);
      setHasVisitorId(false);
      if (!me.personalization_enabled) forgetSearches();
      // The switch gives a visitor a new id, so cart, likes and orders are no longer the same.
      await queryClient.invalidateQueries();
    },
  });
}

/** Erase everything the shop knows about the shopper. With an account this needs the password. */
export function useEraseData(onErased: () => void) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (password: string | undefined) => {
      await unwrap(
        // OpenAPI cannot describe the body of a DELETE request, so the generated type has none.
        client.DELETE("/api/me/", { body: (password && { password }) as undefined }),
      );
      setHasVisitorId(false);
      dropChanges(queryClient);
      clearDraft();
      forgetSearches();
      interactionOutbox.clear();
      impressionOutbox.clear();
    },
    // Leave first: the page shows data that no longer exists.
    onSuccess: () => {
      onErased();
      return queryClient.resetQueries();
    },
  });
}
