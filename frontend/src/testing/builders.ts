import { HttpResponse } from "msw";

import type { Facets } from "@/services/products";
import type { components } from "@/services/schema";
import type {
  Category,
  Cart,
  CartLine,
  Me,
  NamedList,
  Order,
  OrderLine,
  Product,
  ProductCard,
  Recommendation,
  RecommendationList,
  Variant,
} from "@/services/types";

export function productCard(differences: Partial<ProductCard> = {}): ProductCard {
  return {
    id: 7,
    external_id: null,
    name: "Copper kettle",
    category: "Kitchen",
    brand: "Halm",
    price: "49.90",
    regular_price: null,
    has_variants: false,
    has_several_prices: false,
    currency: "USD",
    image: "/media/products/7.svg",
    image_srcset: "",
    in_stock: true,
    created_at: "2026-01-05T09:30:00Z",
    ...differences,
  };
}

export function category(path: string, differences: Partial<Category> = {}): Category {
  const levels = path.split(" > ");
  return {
    path,
    name: levels.at(-1) ?? "",
    parent: levels.slice(0, -1).join(" > ") || null,
    depth: levels.length,
    product_count: 40,
    child_count: 0,
    ...differences,
  };
}

/** A page of a search that found these products. */
export function searchResult(
  found: ProductCard[],
  differences: Partial<components["schemas"]["SearchResult"]> = {},
): components["schemas"]["SearchResult"] {
  const products = found.map((card) => ({
    id: card.id,
    external_id: null,
    name: card.name,
    category: card.category,
    price: Number(card.price),
    description: "",
    personalization_score: 0,
    product: card,
  }));
  return {
    products,
    count: products.length,
    next: null,
    previous: null,
    correction: null,
    terms: [],
    answered_by: "words",
    redirect: null,
    list_id: "search-1",
    ...differences,
  };
}

export function facets(differences: Partial<Facets> = {}): Facets {
  return {
    product_count: 1,
    categories: [],
    brands: [],
    price: { min: "49.90", max: "49.90", bands: [] },
    in_stock_count: 1,
    ratings: [],
    attributes: [],
    ...differences,
  };
}

export function product(differences: Partial<Product> = {}): Product {
  return {
    ...productCard(),
    categories: ["Kitchen"],
    images: [{ url: "/media/products/7.svg", srcset: "" }],
    description: "Boils water.",
    stock: 12,
    attributes: { colour: "copper" },
    rating: { average: 4.3, count: 28 },
    options: [],
    variants: [],
    has_lookalikes: false,
    ...differences,
  };
}

export function variant(differences: Partial<Variant> = {}): Variant {
  return {
    id: 70,
    external_id: null,
    sku: "",
    name: "M",
    options: { Size: "M" },
    price: "49.90",
    regular_price: null,
    stock: 3,
    in_stock: true,
    is_buyable: true,
    image: null,
    image_srcset: "",
    ...differences,
  };
}

export function recommendation(differences: Partial<Recommendation> = {}): Recommendation {
  const card = differences.product ?? productCard();
  return {
    product_id: card.id,
    external_id: card.external_id,
    product_name: card.name,
    category: card.category,
    price: Number(card.price),
    confidence_score: 0.87,
    cf_score: 0.6,
    mf_score: 0.2,
    source: "model",
    reason: {
      code: "viewed",
      text: "",
      product: { id: 3, external_id: null, name: "Tea tin" },
      category: null,
      count: null,
    },
    product: card,
    ...differences,
  };
}

export function recommendationList(
  differences: Partial<RecommendationList> = {},
): components["schemas"]["PersonalList"] {
  const recommendations = differences.recommendations ?? [recommendation()];
  return {
    user_id: null,
    external_id: null,
    session_id: null,
    recommendations,
    count: recommendations.length,
    source: "model",
    personalized: true,
    model_version: "20260105-093000",
    list_id: "5d0f2f6e-0f5b-4f0e-9a3e-2f1f7c1f0a11",
    ...differences,
  };
}

/** One of the lists of a page. */
export function namedList(name: string, differences: Partial<NamedList> = {}): NamedList {
  const { recommendations, count, source, personalized, model_version, list_id } =
    recommendationList(differences);
  return { name, recommendations, count, source, personalized, model_version, list_id };
}

/** A list of one product that is the same for everybody. */
export function nonPersonalList(
  name: string,
  source: "trending" | "popular" | "newest",
  card: ProductCard,
): NamedList {
  return namedList(name, {
    source,
    personalized: false,
    list_id: crypto.randomUUID(),
    recommendations: [
      recommendation({
        source,
        product: card,
        reason: {
          code: source === "newest" ? "new" : source,
          text: "",
          product: null,
          category: null,
          count: null,
        },
      }),
    ],
  });
}

/** The lists of a page, as `/api/page/` returns them. */
export const page = (...lists: NamedList[]): components["schemas"]["Page"] => ({
  placement: "home",
  lists,
});

export function cartLine(differences: Partial<CartLine> = {}): CartLine {
  const card = differences.product ?? productCard();
  return { product: card, variant: null, price: card.price, quantity: 2, line_total: "99.80", ...differences };
}

export function cart(differences: Partial<Cart> = {}): Cart {
  return {
    items: [cartLine()],
    item_count: 2,
    total: "99.80",
    currency: "USD",
    ...differences,
  };
}

export const emptyCart = cart({ items: [], item_count: 0, total: "0.00" });

export function orderLine(differences: Partial<OrderLine> = {}): OrderLine {
  return {
    product_id: 7,
    product_name: "Copper kettle",
    variant_id: null,
    variant_name: "",
    price: "49.90",
    quantity: 2,
    ...differences,
  };
}

export function order(differences: Partial<Order> = {}): Order {
  return {
    id: 31,
    total: "99.80",
    currency: "USD",
    created_at: "2026-02-03T10:00:00Z",
    status: "placed",
    lines: [orderLine()],
    email: "mara@shop.example",
    delivery: {
      name: "Mara Ode",
      street: "Elm Row 4",
      postcode: "10115",
      city: "Berlin",
      country: "DE",
      method: "home",
      arrives_on: "2026-02-07",
    },
    ...differences,
  };
}

export function me(differences: Partial<Me> = {}): Me {
  return {
    user_id: null,
    username: null,
    first_name: null,
    is_authenticated: false,
    is_staff: false,
    personalization_enabled: true,
    ...differences,
  };
}

type DataCounts = components["schemas"]["DataCounts"];

export function dataCounts(differences: Partial<DataCounts> = {}): DataCounts {
  return { interactions: 0, likes: 0, not_interested: 0, orders: 0, ...differences };
}

/** The response to a form with a field that the server does not accept. */
export const validationProblem = (field: string, detail: string) =>
  HttpResponse.json(
    { code: "invalid", detail, errors: [{ pointer: `/${field}`, code: "invalid", detail }] },
    { status: 400 },
  );
