import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";

import { emptyCart, generalList, me, product, productCard, recommendationList } from "@/testing/builders";

const trendingKettle = productCard({ id: 11, name: "Trending kettle" });
const popularKettle = productCard({ id: 12, name: "Popular kettle" });

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
  http.get("*/api/products/:id/", () => HttpResponse.json(product())),
  http.get("*/api/products/:id/similar/", () => HttpResponse.json(recommendationList())),
  http.get("*/api/cart/", () => HttpResponse.json(emptyCart)),
  http.get("*/api/orders/", () => HttpResponse.json({ orders: [] })),
  http.post("*/api/interaction/", () =>
    HttpResponse.json({ message: "Interaction recorded successfully" }, { status: 201 }),
  ),
);
