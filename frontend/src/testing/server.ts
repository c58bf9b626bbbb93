import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";

import {
  category,
  emptyCart,
  nonPersonalList,
  me,
  dataCounts,
  facets,
  namedList,
  page,
  product,
  productCard,
  recommendation,
  recommendationList,
  searchResult,
} from "@/testing/builders";

const trendingKettle = productCard({ id: 11, name: "Trending kettle" });
const popularKettle = productCard({ id: 12, name: "Popular kettle" });
const similarKettle = productCard({ id: 14, name: "Similar kettle" });
const newKettle = productCard({ id: 13, name: "New kettle" });

const pages: Record<string, Parameters<typeof page>> = {
  home: [
    nonPersonalList("for-you", "trending", trendingKettle),
    nonPersonalList("trending", "trending", popularKettle),
    nonPersonalList("new-arrivals", "newest", newKettle),
  ],
  product: [
    namedList("similar", { source: "content", recommendations: [recommendation({ product: similarKettle })] }),
  ],
  cart: [],
  search: [nonPersonalList("for-you", "trending", trendingKettle)],
};

/** The response to a batch of interactions that are all accepted. */
export async function acceptAll(request: Request) {
  const { interactions } = (await request.clone().json()) as { interactions: unknown[] };
  return { results: interactions.map((_, index) => ({ index, status: 201 })) };
}

/** A shop with a new visitor. A test overrides the endpoints that it is about. */
export const server = setupServer(
  http.get("*/api/me/", () => HttpResponse.json(me())),
  http.get("*/api/demo/shoppers/", () => HttpResponse.json({ shoppers: [] })),
  http.get("*/api/categories/", () =>
    HttpResponse.json({ categories: [category("Kitchen")] }),
  ),
  http.get("*/api/page/", ({ request }) => {
    const placement = new URL(request.url).searchParams.get("placement") ?? "";
    return HttpResponse.json(page(...(pages[placement] ?? [])));
  }),
  http.get("*/api/recommendations/me/", () => HttpResponse.json(recommendationList())),
  http.get("*/api/products/", () =>
    HttpResponse.json({ count: 1, next: null, previous: null, results: [productCard()] }),
  ),
  http.get("*/api/products/facets/", () =>
    HttpResponse.json(facets()),
  ),
  http.get("*/api/products/:id/", () => HttpResponse.json(product())),
  http.post("*/api/impressions/", () => new HttpResponse(null, { status: 202 })),
  http.get("*/api/cart/", () => HttpResponse.json(emptyCart)),
  http.get("*/api/orders/", () => HttpResponse.json({ orders: [] })),
  http.get("*/api/search/", () => HttpResponse.json(searchResult([]))),
  http.get("*/api/search/suggestions/", () => HttpResponse.json({ suggestions: [] })),
  http.get("*/api/likes/", () => HttpResponse.json({ products: [], count: 0 })),
  http.get("*/api/not-interested/", () => HttpResponse.json({ products: [], count: 0 })),
  http.get("*/api/me/counts/", () => HttpResponse.json(dataCounts())),
  http.post("*/api/interactions/", async ({ request }) => HttpResponse.json(await acceptAll(request))),
);
