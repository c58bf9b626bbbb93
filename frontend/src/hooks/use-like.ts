import { useTranslation } from "react-i18next";

import { useToast } from "@/hooks/use-toast";
import type { ListPosition } from "@/services/events";
import { useChangeLike, useLikes } from "@/services/likes";
import { usePersonalizationEnabled } from "@/services/shoppers";
import type { ProductCard } from "@/services/types";

/** Whether the shopper likes the product, and how to like it or take the like back. */
export function useLike(product: ProductCard, listPosition?: ListPosition): { liked: boolean; toggle: () => void } {
  const { t } = useTranslation();
  const toast = useToast();
  const change = useChangeLike();
  const isPersonal = usePersonalizationEnabled();
  const liked = useLikes().data?.products.some(({ id }) => id === product.id) ?? false;

  const toggle = () => {
    change({ product, isAdded: !liked, listPosition });
    if (!liked) toast.show({ text: t(isPersonal ? "toast.liked" : "toast.likedImpersonal") });
  };
  return { liked, toggle };
}
