import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, client } from "./client";
import { cartQuery } from "./cart";
import { refreshPersonal } from "./personal";

const ordersQuery = () =>
  queryOptions({
    queryKey: ["orders"],
    queryFn: ({ signal }) => answer(client.GET("/api/orders/", { signal })),
  });

export const useOrders = () => useQuery(ordersQuery());

/** Buy what is in the cart. */
export function usePlaceOrder() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => answer(client.POST("/api/orders/", {})),
    onSuccess: () =>
      Promise.all([
        queryClient.invalidateQueries(cartQuery()),
        queryClient.invalidateQueries(ordersQuery()),
        refreshPersonal(queryClient),
      ]),
  });
}
