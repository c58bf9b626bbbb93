import {
  keepPreviousData,
  queryOptions,
  useIsMutating,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";

import { cartChange } from "./cart";
import { answer, client } from "./client";
import { events } from "./events";
import { ofOneThing, personal } from "./personal";
import type { NamedList } from "./types";

const shelfLength = 12;
/** Of the personal list twice as many are asked for where what was shown before is left out. */
const longLength = 24;
const patienceMilliseconds = 1000;
const longestCheckoutMilliseconds = 60 * 60_000;

type Asked =
  | { placement: "home" }
  | { placement: "product"; product_id: number }
  | { placement: "cart" };

/** All lists of a page at once: no product stands in two of them. */
async function fetchPage(asked: Asked, signal: AbortSignal): Promise<NamedList[]> {
  await untilTold();
  const { lists } = await answer(
    client.GET("/api/page/", { params: { query: { ...asked, count: shelfLength } }, signal }),
  );
  return lists;
}

/** What the shopper did a moment ago shapes the lists, so the shop hears of it first. */
async function untilTold(): Promise<void> {
  if (!events.waiting) return;
  await Promise.race([
    events.flush(),
    new Promise((resolve) => setTimeout(resolve, patienceMilliseconds)),
  ]);
}

/** A page that is opened while the shop is still being told of something is fetched anew. */
const refetchOnMount = () => (events.waiting ? "always" : true);

const homeQuery = () =>
  queryOptions({
    queryKey: [personal, "home"],
    queryFn: ({ signal }) => fetchPage({ placement: "home" }, signal),
    refetchOnMount,
  });

const productPageQuery = (productId: number) =>
  queryOptions({
    queryKey: [...ofOneThing, "product", productId],
    queryFn: ({ signal }) => fetchPage({ placement: "product", product_id: productId }, signal),
    refetchOnMount,
  });

const cartPages = [...ofOneThing, "cart"] as const;

const cartPageQuery = (productIds: number[]) =>
  queryOptions({
    queryKey: [...cartPages, productIds],
    queryFn: ({ signal }) => fetchPage({ placement: "cart" }, signal),
    placeholderData: keepPreviousData,
    // The confirmation shows other products than the cart did.
    gcTime: longestCheckoutMilliseconds,
    refetchOnMount,
  });

const afterOrderQuery = () =>
  queryOptions({
    queryKey: [personal, "after-order"],
    queryFn: async ({ signal }): Promise<NamedList[]> => {
      const list = await answer(
        client.GET("/api/recommendations/{user_id}/", {
          params: { path: { user_id: "me" }, query: { count: longLength } },
          signal,
        }),
      );
      return [{ ...list, name: "after-order" }];
    },
  });

export const useHomeLists = () => useQuery(homeQuery());
/** The first shelf of the home page, for pages that have nothing of their own to show. */
export const useFirstHomeList = () =>
  useQuery({ ...homeQuery(), select: (lists) => lists.slice(0, 1) });
export const useProductLists = (productId: number) => useQuery(productPageQuery(productId));

/** What goes with the products in a cart; asked for once the shop has the cart that is shown. */
export function useCartLists(productIds: number[]) {
  const changing = useIsMutating({ mutationKey: cartChange }) > 0;
  return useQuery({ ...cartPageQuery(productIds), enabled: productIds.length > 0 && !changing });
}

export const useListsAfterOrder = () => useQuery(afterOrderQuery());

/** The products that the cart page recommended, whatever was in the cart then. */
export function useShownByCart(): number[] {
  const shown = useQueryClient().getQueriesData<NamedList[]>({ queryKey: cartPages });
  return shown.flatMap(([, lists = []]) =>
    lists.flatMap(({ recommendations }) => recommendations.map(({ product_id }) => product_id)),
  );
}
