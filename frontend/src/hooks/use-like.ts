import { createContext, use } from "react";

import { useToast } from "@/hooks/use-toast";
import { useTranslation } from "@/hooks/use-translation";
import type { ListPosition } from "@/services/events";
import { useChangeLike } from "@/services/likes";
import { useIsPersonalizationEnabled } from "@/services/shoppers";
import type { ProductCard } from "@/services/types";

/** Ids of the products that the shopper likes: one subscription for the dozens of hearts on a page. */
export const LikedIdsContext = createContext<ReadonlySet<number>>(new Set());

/** Whether the shopper likes the product, and how to like it or take the like back. */
export function useLike(product: ProductCard, listPosition?: ListPosition): { liked: boolean; toggle: () => void } {
  const { t } = useTranslation();
  const toast = useToast();
  const change = useChangeLike();
  const isPersonal = useIsPersonalizationEnabled();
  const liked = use(LikedIdsContext).has(product.id);

  const toggle = () => {
    change({ product, isAdded: !liked, listPosition });
    if (!liked) toast.show({ text: t(isPersonal() ? "toast.liked" : "toast.likedImpersonal") });
  };
  return { liked, toggle };
}
