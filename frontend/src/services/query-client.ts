import { QueryClient } from "@tanstack/react-query";

import { isTransient } from "./client";

export const createQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 60_000,
        // A refusal stays a refusal; a stumble gets two more chances.
        retry: (failures, error) => failures < 2 && isTransient(error),
        refetchOnWindowFocus: false,
      },
      // What was asked for by hand fails at once without a network, and says so.
      mutations: { networkMode: "always" },
    },
  });
