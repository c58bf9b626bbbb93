import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";

import { client, unwrap } from "./client";
import { personal } from "./personal-queries";
import type { components } from "./schema";

export type Suggestion = components["schemas"]["Suggestion"];

const searchQuery = (words: string) =>
  queryOptions({
    queryKey: [personal, "search", words],
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

/** Categories, brands and products that begin like the words; the ones before stay meanwhile. */
export const useSuggestionsQuery = (words: string) =>
  useQuery({ ...suggestionsQuery(words), enabled: words !== "", placeholderData: keepPreviousData });

/** Products that match the words, those the shopper would like first. */
export const useSearch = (words: string) => useQuery({ ...searchQuery(words), enabled: words !== "" });
