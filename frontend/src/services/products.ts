import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";

import { client, unwrap } from "./client";
import type { components } from "./schema";

export type Facets = components["schemas"]["Facets"];

export const orderings = ["shop", "-created_at", "price", "-price", "name", "-rating", "-popularity"] as const;
type Ordering = (typeof orderings)[number];

/** What a shopper chose of the facets. A field that is absent does not filter. */
export interface ProductFilter {
  subcategory?: string[];
  brand?: string[];
  /** Names and values, as in “Colour:Blue”. */
  attribute?: string[];
  min_price?: string;
  max_price?: string;
  in_stock?: "true";
  min_rating?: number;
}

/** Which products a listing shows. */
export interface ListedProducts extends ProductFilter {
  category?: string;
  ordering?: Ordering;
  page?: number;
  page_size?: number;
}

/** Which products facets count: those of a category or of a search. */
interface CountedProducts extends ProductFilter {
  category?: string;
  q?: string;
  as_typed?: "true";
}

const productsQuery = (listed: ListedProducts) =>
  queryOptions({
    queryKey: ["products", listed],
    queryFn: async ({ signal }) => {
      const { count, results } = await unwrap(
        client.GET("/api/products/", { params: { query: listed }, signal }),
      );
      return { count, results };
    },
  });

export const productKey = (productId: number) => ["product", productId] as const;

export const fetchProduct = (productId: number, signal?: AbortSignal) =>
  unwrap(
    client.GET("/api/products/{product_id}/", {
      params: { path: { product_id: productId } },
      ...(signal && { signal }),
    }),
  );

const productQuery = (productId: number) =>
  queryOptions({
    queryKey: productKey(productId),
    queryFn: ({ signal }) => fetchProduct(productId, signal),
  });

const facetsQuery = (counted: CountedProducts) =>
  queryOptions({
    queryKey: ["facets", counted],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/products/facets/", { params: { query: counted }, signal })),
  });

/** By which values products can be narrowed down. The previous ones stay until these arrive. */
export const useFacets = (counted: CountedProducts, enabled = true) =>
  useQuery({ ...facetsQuery(counted), enabled, placeholderData: keepPreviousData });
export const useProduct = (productId: number, enabled: boolean) =>
  useQuery({ ...productQuery(productId), enabled });

/** A page of a listing. The previous page stays on screen while the next one is fetched. */
export const useProducts = (listed: ListedProducts) =>
  useQuery({ ...productsQuery(listed), placeholderData: keepPreviousData });
