import type { QueryClient } from "@tanstack/react-query";

/**
 * Fill the cache with the queries that the server prefetched, so that they are not fetched again.
 *
 * The page holds them as pairs of query key and data in its element `first-answers`.
 */
export function hydrateQueries(queryClient: QueryClient): void {
  const text = document.getElementById("first-answers")?.textContent;
  if (!text) return;
  for (const [key, data] of JSON.parse(text) as [unknown[], unknown][]) {
    queryClient.setQueryData(key, data);
  }
}
