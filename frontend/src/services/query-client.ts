import { type Query, QueryClient } from "@tanstack/react-query";

import { registerCart } from "./cart";
import { ApiError, isTimeout, isTransient } from "./client";
import { registerHiddenProducts } from "./hidden-products";
import { registerLikes } from "./likes";

const firstDelayMilliseconds = 5_000;
const maxDelayMilliseconds = 60_000;

/** Return when a query that failed for a while is sent again by itself: ever later, up to a minute. */
function delayAfterFailure({ state }: Query): number | false {
  if (state.status !== "error" || !isTransient(state.error)) return false;
  return Math.min(firstDelayMilliseconds * 2 ** (state.errorUpdateCount - 1), maxDelayMilliseconds);
}

export function createQueryClient(): QueryClient {
  const queryClient = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 60_000,
        // Only transient errors are retried, twice: the server would reject other requests again.
        retry: (failures, error) => failures < 2 && isTransient(error) && !isTimeout(error),
        refetchInterval: delayAfterFailure,
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
