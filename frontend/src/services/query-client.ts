import { QueryClient } from "@tanstack/react-query";

import { isTimeout, isTransient } from "./client";

export const createQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 60_000,
        // Only transient errors are retried, twice: the server would reject other requests again.
        retry: (failures, error) => failures < 2 && isTransient(error) && !isTimeout(error),
        // Longer than a shopper is in a tunnel: earlier pages are there without a network.
        gcTime: 60 * 60_000,
        refetchOnWindowFocus: false,
      },
      // Without a network a mutation fails at once, so that the shopper sees the error.
      mutations: { networkMode: "always" },
    },
  });
