import { onlineManager } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { useToast } from "@/hooks/use-toast";
import { useTranslation } from "@/hooks/use-translation";
import { useAddToCart } from "@/services/cart";
import type { ListPosition } from "@/services/events";
import type { ProductCard, Variant } from "@/services/types";

/**
 * The two ways to buy a product: add it to the cart, or go straight to the checkout with it alone.
 *
 * `listPosition` is where the shopper found the product; `variant` is what was chosen of a product
 * with variants.
 */
export function useCartActions(
  product: Pick<ProductCard, "id" | "name">,
  listPosition?: ListPosition,
  variant?: Pick<Variant, "id" | "name">,
) {
  const { t } = useTranslation();
  const toast = useToast();
  const navigate = useNavigate();
  const cart = useAddToCart();

  const add = (quantity: number, then: () => void) => {
    cart.mutate({ productId: product.id, variantId: variant?.id, quantity, listPosition }, then);
  };

  return {
    pending: cart.isPending,
    addToCart: (quantity = 1) => {
      if (!onlineManager.isOnline()) toast.show({ text: t("toast.addedLater", { name: product.name }) });
      add(quantity, () => {
        toast.show({
          text: t("toast.added", { name: product.name }),
          action: { label: t("toast.viewCart"), run: () => void navigate("/cart") },
        });
      });
    },
    buyNow: (quantity = 1) => {
      const chosen = variant ? `&variant=${variant.id}` : "";
      void navigate(
        `/checkout?product=${product.id}${chosen}&quantity=${quantity}&attempt=${crypto.randomUUID()}`,
      );
    },
  };
}
