import type { QueryClient } from "@tanstack/react-query";

import { cartQuery } from "./cart";
import { ApiError } from "./client";
import { refreshLists } from "./live-lists";
import { fetchProduct, productKey } from "./products";
import type { Product, ProductCard } from "./types";

/** More products than this are not asked for one by one. */
const mostAskedFor = 20;

/** Ask again for those of these products that are on screen, or for all that is on screen. */
export async function refreshProducts(queryClient: QueryClient, ids?: number[]): Promise<void> {
  const onScreen = findCards(queryClient);
  const asked = ids?.filter((id) => onScreen.has(id) || isOpen(queryClient, id));
  if (asked === undefined || asked.length > mostAskedFor) {
    await Promise.all([
      ...["product", "products"].map((key) => queryClient.invalidateQueries({ queryKey: [key] })),
      queryClient.invalidateQueries({ queryKey: cartQuery().queryKey }),
      refreshLists(queryClient, { withdraw: true }),
    ]);
    return;
  }
  await Promise.all(asked.map((id) => refreshProduct(queryClient, id)));
}

const isOpen = (queryClient: QueryClient, id: number) =>
  queryClient.getQueryCache().find({ queryKey: productKey(id), type: "active" }) !== undefined;

async function refreshProduct(queryClient: QueryClient, id: number): Promise<void> {
  try {
    const product = await fetchProduct(id);
    queryClient.setQueryData(productKey(id), product);
    replaceCards(queryClient, product);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) return;
    // It is not for sale any more.
    void queryClient.invalidateQueries({ queryKey: productKey(id) });
    void refreshLists(queryClient, { withdraw: true });
  }
  const cart = queryClient.getQueryData(cartQuery().queryKey);
  if (cart?.items.some((line) => line.product.id === id)) {
    await queryClient.invalidateQueries({ queryKey: cartQuery().queryKey });
  }
}

/** The keys of queries whose data have products as cards. */
const cardKeys = ["personal", "fresh", "products"];

function findCards(queryClient: QueryClient): Set<number> {
  const found = new Set<number>();
  for (const key of cardKeys) {
    for (const query of queryClient.getQueryCache().findAll({ queryKey: [key], type: "active" })) {
      mapCards(query.state.data, (card) => {
        found.add(card.id);
        return card;
      });
    }
  }
  return found;
}

function replaceCards(queryClient: QueryClient, product: Product): void {
  const replace = (card: ProductCard): ProductCard => {
    if (card.id !== product.id) return card;
    const known = Object.keys(card).filter((field) => field in product);
    return { ...card, ...Object.fromEntries(known.map((field) => [field, product[field as keyof Product]])) };
  };
  for (const key of cardKeys) {
    queryClient.setQueriesData({ queryKey: [key] }, (data: unknown) => mapCards(data, replace));
  }
}

/** Return the data with other cards, wherever they stand; data without changed cards is returned as it is. */
function mapCards(data: unknown, change: (card: ProductCard) => ProductCard): unknown {
  if (Array.isArray(data)) {
    const mapped = data.map((part) => mapCards(part, change));
    return mapped.some((part, index) => part !== data[index]) ? mapped : (data as unknown);
  }
  if (typeof data !== "object" || data === null) return data;
  if (isCard(data)) return change(data);
  const mapped = Object.entries(data).map(([key, part]) => [key, mapCards(part, change)] as const);
  return mapped.some(([key, part]) => part !== data[key as keyof typeof data]) ? Object.fromEntries(mapped) : data;
}

const isCard = (data: object): data is ProductCard => "id" in data && "in_stock" in data && "has_variants" in data;
