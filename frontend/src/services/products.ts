import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";

import { client, unwrap } from "./client";

export const orderings = ["-created_at", "price", "-price", "name"] as const;
export type Ordering = (typeof orderings)[number];

/** Which products a listing shows. A field that is absent does not filter. */
export interface ProductFilter {
  category?: string;
  brand?: string;
  min_price?: string;
  max_price?: string;
  in_stock?: "true";
  ordering?: Ordering;
  page?: number;
  page_size?: number;
}

const productsQuery = (filter: ProductFilter) =>
  queryOptions({
    queryKey: ["products", filter],
    queryFn: async ({ signal }) => {
      const { count, results } = await unwrap(
        client.GET("/api/products/", { params: { query: filter }, signal }),
      );
      return { count, results };
    },
  });

const productQuery = (productId: number) =>
  queryOptions({
    queryKey: ["product", productId],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/products/{product_id}/", {
          params: { path: { product_id: productId } },
          signal,
        })),
  });

const facetsQuery = (category: string | undefined) =>
  queryOptions({
    queryKey: ["facets", category],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/products/facets/", {
          params: { query: category === undefined ? {} : { category } },
          signal,
        }),
      ),
    staleTime: 10 * 60_000,
  });

/** The brands and the price range of a category, or of the whole shop. */
export const useFacets = (category: string | undefined) => useQuery(facetsQuery(category));
export const useProduct = (productId: number, enabled: boolean) =>
  useQuery({ ...productQuery(productId), enabled });

/** A page of a listing. The previous page stays on screen while the next one is fetched. */
export const useProducts = (filter: ProductFilter) =>
  useQuery({ ...productsQuery(filter), placeholderData: keepPreviousData });
