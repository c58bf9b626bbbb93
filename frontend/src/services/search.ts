import { queryOptions, useQuery } from "@tanstack/react-query";

import { answer, client } from "./client";

const searchQuery = (words: string) =>
  queryOptions({
    queryKey: ["personal", "search", words],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/search/", {
          params: { query: { q: words, user_id: "me", count: 48 } },
          signal,
        }),
      ),
  });

/** Products that match the words, those the shopper would like first. */
export const useSearch = (words: string) => useQuery({ ...searchQuery(words), enabled: words !== "" });
