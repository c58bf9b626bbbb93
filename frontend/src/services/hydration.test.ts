import { QueryClient } from "@tanstack/react-query";
import { afterEach, expect, test } from "vitest";

import { hydrateQueries } from "@/services/hydration";

afterEach(() => {
  document.body.innerHTML = "";
});

function pageWith(text: string): QueryClient {
  document.body.innerHTML = `<script type="application/json" id="first-answers">${text}</script>`;
  const queryClient = new QueryClient();
  hydrateQueries(queryClient);
  return queryClient;
}

test("a query that came with the page is in the cache under its key", () => {
  const queryClient = pageWith('[[["product", 7], {"name": "Copper kettle"}]]');

  expect(queryClient.getQueryData(["product", 7])).toEqual({ name: "Copper kettle" });
});

test("undefined in a key equals null in the page", () => {
  const queryClient = pageWith('[[["facets", null], {"brands": []}]]');

  expect(queryClient.getQueryData(["facets", undefined])).toEqual({ brands: [] });
});

test("a page without prefetched queries leaves the cache empty", () => {
  const queryClient = new QueryClient();

  hydrateQueries(queryClient);

  expect(queryClient.getQueryCache().getAll()).toEqual([]);
});
