import { QueryClient } from "@tanstack/react-query";

import { isTransient } from "./client";

export const createQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 60_000,
        // Only transient errors are retried, twice: the server would reject other requests again.
        retry: (failures, error) => failures < 2 && isTransient(error),
        refetchOnWindowFocus: false,
      },
      // Without a network a mutation fails at once, so that the shopper sees the error.
      mutations: { networkMode: "always" },
    },
  });
