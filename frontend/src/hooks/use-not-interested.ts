import { useTranslation } from "react-i18next";

import { useToast } from "@/hooks/use-toast";
import { useHideProduct } from "@/services/hidden-products";
import type { ProductCard } from "@/services/types";

const undoMilliseconds = 8000;

/** Hide a product from every list at once, and offer to undo it for eight seconds. */
export function useNotInterested(): (product: ProductCard) => void {
  const { t } = useTranslation();
  const toast = useToast();
  const { mutate } = useHideProduct();
  const onError = (error: Error) => {
    toast.show({ text: t("toast.failed", { message: error.message }) });
  };
  return (product) => {
    mutate({ product, hidden: true }, { onError });
    toast.show({
      text: t("toast.hidden", { name: product.name }),
      milliseconds: undoMilliseconds,
      action: {
        label: t("toast.undo"),
        run: () => {
          mutate({ product, hidden: false }, { onError });
        },
      },
    });
  };
}
