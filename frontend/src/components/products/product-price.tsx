import { Price } from "@/components/products/price";
import { useTranslation } from "@/hooks/use-translation";
import type { ProductCard } from "@/services/types";

interface ProductPriceProps {
  product: Pick<ProductCard, "price" | "regular_price" | "currency"> & { has_several_prices?: boolean };
  className?: string;
}

/** What a product costs: “from” the lowest of several prices, and on sale beside the regular price. */
export function ProductPrice({ product, className = "" }: ProductPriceProps) {
  const { t } = useTranslation();
  const { price, regular_price: regularPrice, currency } = product;
  return (
    <span className="inline-flex min-w-0 flex-wrap items-baseline gap-x-2">
      <span className="min-w-0">
        {product.has_several_prices && <span className="text-sm">{t("product.from")} </span>}
        <Price amount={price} currency={currency} className={className} />
      </span>
      {regularPrice !== null && (
        <s className="min-w-0 text-sm text-muted">
          <span className="sr-only">{t("product.regularPrice")} </span>
          <Price amount={regularPrice} currency={currency} />
        </s>
      )}
    </span>
  );
}
