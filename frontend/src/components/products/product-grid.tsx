import type { ReactNode } from "react";

import { ProductTile, ProductTileSkeleton } from "@/components/products/product-tile";
import { useTranslation } from "@/hooks/use-translation";
import type { ListPosition } from "@/services/events";
import type { ProductCard } from "@/services/types";

/** From 64 rem on, facets stand beside it. */
const grid =
  "grid grid-cols-2 gap-x-4 gap-y-8 sm:grid-cols-3 sm:gap-x-6 sm:gap-y-10 xl:grid-cols-4";

interface ProductGridProps {
  products: ProductCard[];
  /** Shows the name of a product otherwise, such as with marked words. */
  renderName?: ((name: string) => ReactNode) | undefined;
  /** The list that the products are from, with the position of the first one. */
  list?: ListPosition | undefined;
}

export function ProductGrid({ products, renderName, list }: ProductGridProps) {
  const { t } = useTranslation();
  return (
    <>
      <h2 className="sr-only">{t("listing.products")}</h2>
      <ul className={grid}>
        {products.map((product, position) => (
          <li key={product.id}>
            <ProductTile
              product={product}
              eager={position < 4}
              name={renderName?.(product.name)}
              listPosition={list && { ...list, position: list.position + position }}
            />
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
