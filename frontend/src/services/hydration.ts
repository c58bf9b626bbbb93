import type { QueryClient } from "@tanstack/react-query";

/**
 * Take over the answers that the server put into the page, so that nobody asks for them again.
 *
 * They are pairs of a query's key and its data, as fresh as the page.
 */
export function hydrateQueries(queryClient: QueryClient): void {
  const text = document.getElementById("first-answers")?.textContent;
  if (!text) return;
  for (const [key, data] of JSON.parse(text) as [unknown[], unknown][]) {
    queryClient.setQueryData(key, data);
  }
}
