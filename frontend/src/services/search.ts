import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";

import { client, unwrap } from "./client";
import { personalKey } from "./personal-queries";
import type { ProductFilter } from "./products";
import type { components } from "./schema";

export type Suggestion = components["schemas"]["Suggestion"];

export const searchOrderings = ["relevance", "price", "-price", "-created_at", "-rating", "-popularity"] as const;

/** The products that a search shows. */
interface Searched extends ProductFilter {
  q: string;
  /** Whether no word is corrected. */
  as_typed?: "true";
  ordering?: (typeof searchOrderings)[number];
  page?: number;
  count: number;
}

const searchQuery = (searched: Searched) =>
  queryOptions({
    queryKey: [personalKey, "search", searched],
    queryFn: async ({ signal }) => {
      const { products, ...found } = await unwrap(
        client.GET("/api/search/", { params: { query: { ...searched, user_id: "me" } }, signal }),
      );
      return { ...found, results: products.map(({ product }) => product) };
    },
  });

const suggestionsQuery = (words: string) =>
  queryOptions({
    queryKey: ["suggestions", words],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/search/suggestions/", { params: { query: { q: words } }, signal })),
    staleTime: 5 * 60_000,
  });

/** Longer texts, categories, brands and products for the words. The previous ones stay until these arrive. */
export const useSuggestionsQuery = (words: string) =>
  useQuery({ ...suggestionsQuery(words), enabled: words !== "", placeholderData: keepPreviousData });

/** A page of what the words find, ranked for the shopper. While other pages arrive, the one before stays. */
export const useSearch = (searched: Searched) =>
  useQuery({
    ...searchQuery(searched),
    enabled: searched.q !== "",
    placeholderData: (before, query) =>
      (query?.queryKey[2] as Searched | undefined)?.q === searched.q ? before : undefined,
  });
