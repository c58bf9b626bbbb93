import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "./client";
import { cartQuery } from "./cart";
import { refreshPersonalQueries } from "./personal-queries";

const ordersQuery = () =>
  queryOptions({
    queryKey: ["orders"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/orders/", { signal })),
  });

export const useOrders = () => useQuery(ordersQuery());

/** Order what is in the cart. */
export function usePlaceOrder() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(client.POST("/api/orders/", {})),
    onSuccess: () =>
      Promise.all([
        queryClient.invalidateQueries(cartQuery()),
        queryClient.invalidateQueries(ordersQuery()),
        refreshPersonalQueries(queryClient),
      ]),
  });
}
