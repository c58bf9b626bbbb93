import {
  keepPreviousData,
  queryOptions,
  useIsMutating,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";

import { cartMutationKey } from "./cart";
import { client, unwrap } from "./client";
import { interactionOutbox } from "./events";
import { contextual, personal } from "./personal-queries";
import type { NamedList } from "./types";

const listLength = 12;
/** Of the personal list twice as many are asked for where what was shown before is left out. */
const afterOrderLength = 24;
const timeoutMilliseconds = 1000;
const maxCheckoutMilliseconds = 60 * 60_000;

type Asked =
  | { placement: "home" }
  | { placement: "product"; product_id: number }
  | { placement: "cart" };

/** All lists of a page at once: no product stands in two of them. */
async function fetchPage(asked: Asked, signal: AbortSignal): Promise<NamedList[]> {
  await flushPendingInteractions();
  const { lists } = await unwrap(
    client.GET("/api/page/", { params: { query: { ...asked, count: listLength } }, signal }),
  );
  return lists;
}

/** What the shopper did a moment ago shapes the lists, so the shop hears of it first. */
async function flushPendingInteractions(): Promise<void> {
  if (!interactionOutbox.hasPending) return;
  await Promise.race([
    interactionOutbox.flush(),
    new Promise((resolve) => setTimeout(resolve, timeoutMilliseconds)),
  ]);
}

/** A page that is opened while the shop is still being told of something is fetched anew. */
const refetchOnMount = () => (interactionOutbox.hasPending ? "always" : true);

const homeListsQuery = () =>
  queryOptions({
    queryKey: [personal, "home"],
    queryFn: ({ signal }) => fetchPage({ placement: "home" }, signal),
    refetchOnMount,
  });

const productListsQuery = (productId: number) =>
  queryOptions({
    queryKey: [...contextual, "product", productId],
    queryFn: ({ signal }) => fetchPage({ placement: "product", product_id: productId }, signal),
    refetchOnMount,
  });

const cartListsKey = [...contextual, "cart"] as const;

const cartListsQuery = (productIds: number[]) =>
  queryOptions({
    queryKey: [...cartListsKey, productIds],
    queryFn: ({ signal }) => fetchPage({ placement: "cart" }, signal),
    placeholderData: keepPreviousData,
    // The confirmation shows other products than the cart did.
    gcTime: maxCheckoutMilliseconds,
    refetchOnMount,
  });

const afterOrderQuery = () =>
  queryOptions({
    queryKey: [personal, "after-order"],
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

export const useHomeLists = () => useQuery(homeListsQuery());
/** The first shelf of the home page, for pages that have nothing of their own to show. */
export const useFirstHomeList = () =>
  useQuery({ ...homeListsQuery(), select: (lists) => lists.slice(0, 1) });
export const useProductLists = (productId: number) => useQuery(productListsQuery(productId));

/** What goes with the products in a cart; asked for once the shop has the cart that is shown. */
export function useCartLists(productIds: number[]) {
  const changing = useIsMutating({ mutationKey: cartMutationKey }) > 0;
  return useQuery({ ...cartListsQuery(productIds), enabled: productIds.length > 0 && !changing });
}

export const useListsAfterOrder = () => useQuery(afterOrderQuery());

/** The products that the cart page recommended, whatever was in the cart then. */
export function useCartRecommendationIds(): number[] {
  const shown = useQueryClient().getQueriesData<NamedList[]>({ queryKey: cartListsKey });
  return shown.flatMap(([, lists = []]) =>
    lists.flatMap(({ recommendations }) => recommendations.map(({ product_id }) => product_id)),
  );
}
