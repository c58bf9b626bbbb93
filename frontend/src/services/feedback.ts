import type { QueryClient, QueryKey } from "@tanstack/react-query";

import { type Change, changeKey, changeOptions } from "./changes";
import type { ListPosition } from "./events";
import { refreshPersonalQueries } from "./personal-queries";
import type { ProductCard } from "./types";

/** A product that is put on a list of the shopper's, such as the likes, or taken off it. */
export interface FeedbackChange extends Change {
  product: ProductCard;
  isAdded: boolean;
  /** Where the shopper found the product. */
  listPosition?: ListPosition | undefined;
}

export const feedbackKey = [changeKey, "feedback"] as const;

interface Products {
  products: ProductCard[];
  count: number;
}

/**
 * Return the options of changes to the list of products under `queryKey`.
 *
 * A change is shown at once, and taken back when the server refuses it. Changes to any list are
 * sent one after the other: liking and hiding a product exclude each other.
 */
export function feedbackOptions(
  queryClient: QueryClient,
  queryKey: QueryKey,
  send: (change: FeedbackChange) => Promise<unknown>,
) {
  const show = ({ product, isAdded }: FeedbackChange) => {
    const before = queryClient.getQueryData<Products>(queryKey);
    const others = (before?.products ?? []).filter(({ id }) => id !== product.id);
    const products = isAdded ? [product, ...others] : others;
    queryClient.setQueryData<Products>(queryKey, { products, count: products.length });
  };
  return changeOptions({
    scope: { id: "feedback" },
    mutationFn: send,
    onMutate: async (change: FeedbackChange) => {
      await queryClient.cancelQueries({ queryKey });
      show(change);
    },
    onError: (_error, change) => {
      show({ ...change, isAdded: !change.isAdded });
    },
    onSuccess: () => refreshPersonalQueries(queryClient),
    onSettled: async () => {
      // An answer in between would take back what is shown of the changes still to come.
      const isLast = queryClient.isMutating({ mutationKey: feedbackKey }) === 1;
      if (isLast) await queryClient.invalidateQueries({ queryKey });
    },
  });
}
