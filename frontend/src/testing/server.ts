import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";

import { emptyCart, generalList, me, myData, product, productCard, recommendationList } from "@/testing/builders";

const trendingKettle = productCard({ id: 11, name: "Trending kettle" });
const popularKettle = productCard({ id: 12, name: "Popular kettle" });

/** What the shop answers to a batch of events that it has no fault to find with. */
export async function allKept(request: Request) {
  const { interactions } = (await request.clone().json()) as { interactions: unknown[] };
  return { results: interactions.map((_event, index) => ({ index, status: 201 })) };
}

/** A quiet shop with a new visitor; a test overrides what it is about. */
export const server = setupServer(
  http.get("*/api/me/", () => HttpResponse.json(me())),
  http.get("*/api/demo/shoppers/", () => HttpResponse.json({ shoppers: [] })),
  http.get("*/api/categories/", () =>
    HttpResponse.json({ categories: [{ name: "Kitchen", product_count: 40 }] }),
  ),
  http.get("*/api/recommendations/me/", () =>
    HttpResponse.json(generalList("trending", trendingKettle)),
  ),
  http.get("*/api/trending/", () => HttpResponse.json(generalList("trending", trendingKettle))),
  http.get("*/api/popular/", () => HttpResponse.json(generalList("popular", popularKettle))),
  http.get("*/api/recently-viewed/", () => HttpResponse.json({ products: [], count: 0 })),
  http.get("*/api/products/", () =>
    HttpResponse.json({ count: 1, next: null, previous: null, results: [productCard()] }),
  ),
  http.get("*/api/products/facets/", () =>
    HttpResponse.json({ brands: [], price: { min: null, max: null }, in_stock_count: 1 }),
  ),
  http.get("*/api/products/:id/", () => HttpResponse.json(product())),
  http.get("*/api/products/:id/similar/", () => HttpResponse.json(recommendationList())),
  http.get("*/api/products/:id/bought-together/", () =>
    HttpResponse.json(recommendationList({ recommendations: [] })),
  ),
  http.get("*/api/cart/recommendations/", () =>
    HttpResponse.json(recommendationList({ recommendations: [] })),
  ),
  http.post("*/api/impressions/", () => new HttpResponse(null, { status: 202 })),
  http.get("*/api/cart/", () => HttpResponse.json(emptyCart)),
  http.get("*/api/orders/", () => HttpResponse.json({ orders: [] })),
  http.get("*/api/search/", () => HttpResponse.json({ products: [], count: 0 })),
  http.get("*/api/search/suggestions/", () => HttpResponse.json({ suggestions: [] })),
  http.get("*/api/likes/", () => HttpResponse.json({ products: [], count: 0 })),
  http.get("*/api/not-interested/", () => HttpResponse.json({ products: [], count: 0 })),
  http.get("*/api/me/export/", () => HttpResponse.json(myData())),
  http.post("*/api/interactions/", async ({ request }) => HttpResponse.json(await allKept(request))),
);
