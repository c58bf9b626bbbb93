import { useToast } from "@/hooks/use-toast";
import { useTranslation } from "@/hooks/use-translation";
import { useHideProduct } from "@/services/hidden-products";
import type { ProductCard } from "@/services/types";

const undoMilliseconds = 8000;

/** Hide a product from every list at once, and offer to undo it for eight seconds. */
export function useNotInterested(): (product: ProductCard) => void {
  const { t } = useTranslation();
  const toast = useToast();
  const hide = useHideProduct();
  return (product) => {
    hide(product, true);
    toast.show({
      text: t("toast.hidden", { name: product.name }),
      milliseconds: undoMilliseconds,
      action: {
        label: t("toast.undo"),
        run: () => {
          hide(product, false);
        },
      },
    });
  };
}
