import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useId } from "react";

import { ProductTile } from "@/components/products/product-tile";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { QueryStates } from "@/components/ui/query-states";
import { Skeleton } from "@/components/ui/skeleton";
import { useTranslation } from "@/hooks/use-translation";
import type { ProductCard } from "@/services/types";

interface ProductListProps {
  title: string;
  text?: string;
  query: UseQueryResult<{ products: ProductCard[] }>;
  empty: string;
  /** What is rendered under each product. */
  action?: (product: ProductCard) => ReactNode;
}

/** Products that the shopper liked or hid. */
export function ProductList({ title, text, query, empty, action }: ProductListProps) {
  const { t } = useTranslation();
  const heading = useId();
  return (
    <section aria-labelledby={heading}>
      <h2 id={heading} className="text-xl">
        {title}
      </h2>
      {text !== undefined && <p className="mt-1 text-sm text-muted">{text}</p>}
      <div className="mt-4">
        <QueryStates
          query={query}
          loading={<Skeleton className="h-40 rounded-tile!" />}
          empty={{
            when: (data) => data.products.length === 0,
            show: (
              <Notice
                title={empty}
                action={
                  <ButtonLink variant="outline" to="/">
                    {t("account.toShelves")}
                  </ButtonLink>
                }
              />
            ),
          }}
        >
          {(data) => (
            <ul className="grid grid-cols-2 gap-4 sm:grid-cols-3 xl:grid-cols-4">
              {data.products.map((product) => (
                <li key={product.id}>
                  <ProductTile product={product}>{action?.(product)}</ProductTile>
                </li>
              ))}
            </ul>
          )}
        </QueryStates>
      </div>
    </section>
  );
}
