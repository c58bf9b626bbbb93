import { QueryClient } from "@tanstack/react-query";

import { isTransient } from "./client";

export const createQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 60_000,
        // What the server rejects it would reject again; a transient error is retried twice.
        retry: (failures, error) => failures < 2 && isTransient(error),
        refetchOnWindowFocus: false,
      },
      // Without a network a mutation fails at once, so that the shopper is told.
      mutations: { networkMode: "always" },
    },
  });
