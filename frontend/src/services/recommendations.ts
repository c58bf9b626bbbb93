import {
  keepPreviousData,
  queryOptions,
  type QueryKey,
  skipToken,
  useIsMutating,
  useQuery,
  type UseQueryResult,
  useQueryClient,
} from "@tanstack/react-query";

import { cartMutationKey } from "./cart";
import { client, unwrap } from "./client";
import { interactionOutbox } from "./events";
import { freshKey } from "./live-lists";
import { contextualKey, personalKey } from "./personal-queries";
import type { NamedList } from "./types";

const listLength = 12;
/** After an order more products are fetched, because those of the cart page are left out. */
const afterOrderLength = 24;
const flushTimeoutMilliseconds = 1000;
const maxCheckoutMilliseconds = 60 * 60_000;

type PageContext =
  | { placement: "home" }
  | { placement: "product"; product_id: number }
  | { placement: "cart" }
  | { placement: "search"; q: string };

/** Fetch all lists of a page at once: the server puts no product into two of them. */
async function fetchLists(context: PageContext, signal: AbortSignal): Promise<NamedList[]> {
  await flushPendingInteractions();
  const { lists } = await unwrap(
    client.GET("/api/page/", { params: { query: { ...context, count: listLength } }, signal }),
  );
  return lists;
}

/** Send pending interactions before lists are fetched, because they change the lists. */
async function flushPendingInteractions(): Promise<void> {
  if (!interactionOutbox.hasPending) return;
  await Promise.race([
    interactionOutbox.flush(),
    new Promise((resolve) => setTimeout(resolve, flushTimeoutMilliseconds)),
  ]);
}

/** Fetch lists anew on a page that opens while interactions are pending. */
const refetchOnMount = () => (interactionOutbox.hasPending ? "always" : true);

const homeListsQuery = () =>
  queryOptions({
    queryKey: [personalKey, "home"],
    queryFn: ({ signal }) => fetchLists({ placement: "home" }, signal),
    refetchOnMount,
  });

const productListsQuery = (productId: number) =>
  queryOptions({
    queryKey: [...contextualKey, "product", productId],
    queryFn: ({ signal }) => fetchLists({ placement: "product", product_id: productId }, signal),
    refetchOnMount,
  });

const searchListsQuery = (words: string) =>
  queryOptions({
    queryKey: [...contextualKey, "search", words],
    queryFn: ({ signal }) => fetchLists({ placement: "search", q: words }, signal),
    refetchOnMount,
  });

const cartListsKey = [...contextualKey, "cart"] as const;

const cartListsQuery = (productIds: number[]) =>
  queryOptions({
    queryKey: [...cartListsKey, productIds],
    queryFn: ({ signal }) => fetchLists({ placement: "cart" }, signal),
    placeholderData: keepPreviousData,
    // Kept for the confirmation page, which leaves out what the cart page showed.
    gcTime: maxCheckoutMilliseconds,
    refetchOnMount,
  });

const lookalikesQuery = (productId: number) =>
  queryOptions({
    queryKey: ["lookalikes", productId],
    queryFn: async ({ signal }): Promise<NamedList> => {
      const list = await unwrap(
        client.GET("/api/products/{product_id}/similar/", {
          params: { path: { product_id: productId }, query: { by: "picture", count: listLength } },
          signal,
        }),
      );
      return { ...list, name: "looks-like" };
    },
  });

const afterOrderQuery = () =>
  queryOptions({
    queryKey: [personalKey, "after-order"],
    queryFn: async ({ signal }): Promise<NamedList[]> => {
      const list = await unwrap(
        client.GET("/api/recommendations/{user_id}/", {
          params: { path: { user_id: "me" }, query: { count: afterOrderLength } },
          signal,
        }),
      );
      return [{ ...list, name: "after-order" }];
    },
  });

/** The lists of a page. */
export interface PageLists {
  /** Those on screen. */
  query: UseQueryResult<NamedList[]>;
  /** Those that the shop would show now; undefined if nothing has changed since. */
  fresh: NamedList[] | undefined;
  /** Show this list from now on, in the place of the one with its name. */
  show: (update: NamedList) => void;
}

function usePageLists(queryKey: QueryKey, query: UseQueryResult<NamedList[]>): PageLists {
  const queryClient = useQueryClient();
  const { data: fresh } = useQuery<NamedList[]>({ queryKey: freshKey(queryKey), queryFn: skipToken });
  return {
    query,
    fresh,
    show: (update) => {
      queryClient.setQueryData<NamedList[]>(queryKey, (lists) =>
        lists?.map((list) => (list.name === update.name ? update : list)),
      );
    },
  };
}

export function useHomeLists(): PageLists {
  const options = homeListsQuery();
  return usePageLists(options.queryKey, useQuery(options));
}

/** The first list of the home page, for pages that have no lists of their own. */
export function useFirstHomeList(): PageLists {
  const options = homeListsQuery();
  return usePageLists(options.queryKey, useQuery({ ...options, select: (lists) => lists.slice(0, 1) }));
}

/** What stands beside a search, which staff may rule for its words. */
export function useSearchLists(words: string): PageLists {
  const options = searchListsQuery(words);
  return usePageLists(options.queryKey, useQuery(options));
}

export function useProductLists(productId: number): PageLists {
  const options = productListsQuery(productId);
  return usePageLists(options.queryKey, useQuery(options));
}

/** What goes with the products in a cart; fetched once the server has the cart that is on screen. */
export function useCartLists(productIds: number[]): PageLists {
  const changing = useIsMutating({ mutationKey: cartMutationKey }) > 0;
  const options = { ...cartListsQuery(productIds), enabled: productIds.length > 0 && !changing };
  return usePageLists(options.queryKey, useQuery(options));
}

/** The products that look like one. */
export const useLookalikes = (productId: number) => useQuery(lookalikesQuery(productId));

export function useListsAfterOrder(): PageLists {
  const options = afterOrderQuery();
  return usePageLists(options.queryKey, useQuery(options));
}

/** Ids of the products that the cart page recommended, whatever was in the cart. */
export function useCartRecommendationIds(): number[] {
  const queries = useQueryClient().getQueriesData<NamedList[]>({ queryKey: cartListsKey });
  return queries.flatMap(([, lists = []]) =>
    lists.flatMap(({ recommendations }) => recommendations.map(({ product_id }) => product_id)),
  );
}
