import { ProductList } from "@/components/account/product-list";
import { Button } from "@/components/ui/button";
import { useTranslation } from "@/hooks/use-translation";
import { useHiddenProducts, useHideProduct } from "@/services/hidden-products";
import { useLikes } from "@/services/likes";

export function Likes() {
  const { t } = useTranslation();
  return <ProductList title={t("account.likes")} query={useLikes()} empty={t("account.noLikes")} />;
}

/** The products that the shopper hid, each with a button to show it again. */
export function HiddenProducts() {
  const { t } = useTranslation();
  const hide = useHideProduct();
  return (
    <ProductList
      title={t("account.hidden")}
      text={t("account.hiddenText")}
      query={useHiddenProducts()}
      empty={t("account.noHidden")}
      action={(product) => (
        // `relative` lifts the button above the link that covers the tile.
        <Button
          variant="outline"
          className="relative mt-1"
          aria-label={t("account.showNamed", { name: product.name })}
          onClick={() => {
            hide(product, false);
          }}
        >
          {t("account.show")}
        </Button>
      )}
    />
  );
}
