import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";

import { client, unwrap } from "./client";
import { personalKey } from "./personal-queries";
import type { components } from "./schema";

export type Suggestion = components["schemas"]["Suggestion"];

const searchQuery = (words: string) =>
  queryOptions({
    queryKey: [personalKey, "search", words],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/search/", {
          params: { query: { q: words, user_id: "me", count: 48 } },
          signal,
        }),
      ),
  });

const suggestionsQuery = (words: string) =>
  queryOptions({
    queryKey: ["suggestions", words],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/search/suggestions/", { params: { query: { q: words } }, signal })),
    staleTime: 5 * 60_000,
  });

/** Categories, brands and products that begin with the words. The previous ones stay until these arrive. */
export const useSuggestionsQuery = (words: string) =>
  useQuery({ ...suggestionsQuery(words), enabled: words !== "", placeholderData: keepPreviousData });

/** Products that match the words, ranked for the shopper. */
export const useSearch = (words: string) => useQuery({ ...searchQuery(words), enabled: words !== "" });
