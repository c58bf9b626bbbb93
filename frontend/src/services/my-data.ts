import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "./client";
import { impressionOutbox, interactionOutbox } from "./events";
import { personal } from "./personal-queries";

/** Everything the shop keeps of the shopper, as it is exported. */
export const useMyData = () =>
  useQuery({
    queryKey: [personal, "my-data"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/me/export/", { signal })),
    staleTime: 0,
  });

export function useSetPersonalization() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (enabled: boolean) =>
      unwrap(client.PATCH("/api/me/", { body: { personalization_enabled: enabled } })),
    onSuccess: async (me) => {
      queryClient.setQueryData(["me"], me);
      // A visitor is forgotten with it: cart, likes and orders are somebody else's from here on.
      await queryClient.invalidateQueries();
    },
  });
}

/** Erase all that the shop knows; a shopper proves by password who is asking, a visitor has none. */
export function useEraseData(onErased: () => void) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (password: string | undefined) => {
      await unwrap(
        // OpenAPI leaves the body of a DELETE undescribed, so its type knows of none.
        client.DELETE("/api/me/", { body: (password && { password }) as undefined }),
      );
      interactionOutbox.clear();
      impressionOutbox.clear();
    },
    // First away from a page that is about what no longer is there.
    onSuccess: () => {
      onErased();
      return queryClient.resetQueries();
    },
  });
}
