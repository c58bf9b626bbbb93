import { ProductTile, ProductTileSkeleton } from "@/components/products/product-tile";
import { useTranslation } from "@/hooks/use-translation";
import type { ProductCard } from "@/services/types";

const grid =
  "grid grid-cols-2 gap-x-4 gap-y-8 sm:grid-cols-3 sm:gap-x-6 sm:gap-y-10 lg:grid-cols-4";

export function ProductGrid({ products }: { products: ProductCard[] }) {
  const { t } = useTranslation();
  return (
    <>
      <h2 className="sr-only">{t("listing.products")}</h2>
      <ul className={grid}>
        {products.map((product, position) => (
          <li key={product.id}>
            <ProductTile product={product} eager={position < 4} />
          </li>
        ))}
      </ul>
    </>
  );
}

export function ProductGridSkeleton({ count }: { count: number }) {
  return (
    <div className={`${grid} pulse`}>
      {Array.from({ length: count }, (_, position) => (
        <ProductTileSkeleton key={position} />
      ))}
    </div>
  );
}
