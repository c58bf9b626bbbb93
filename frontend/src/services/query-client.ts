import { QueryClient } from "@tanstack/react-query";

import { registerCart } from "./cart";
import { ApiError, isTimeout, isTransient } from "./client";
import { registerHiddenProducts } from "./hidden-products";
import { registerLikes } from "./likes";

export function createQueryClient(): QueryClient {
  const queryClient = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 60_000,
        // Only transient errors are retried, twice: the server would reject other requests again.
        retry: (failures, error) => failures < 2 && isTransient(error) && !isTimeout(error),
        // Longer than a shopper is in a tunnel: earlier pages are there without a network.
        gcTime: 60 * 60_000,
        refetchOnWindowFocus: false,
      },
      mutations: {
        // Without a network these fail at once, so that the shopper sees the error; changes wait.
        networkMode: "always",
        // A busy shop has done nothing yet, so it can be asked again.
        retry: (failures, error) => failures < 2 && error instanceof ApiError && error.code === "busy",
      },
    },
  });
  registerCart(queryClient);
  registerHiddenProducts(queryClient);
  registerLikes(queryClient);
  return queryClient;
}
