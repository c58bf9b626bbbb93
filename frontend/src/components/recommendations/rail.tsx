import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { ProductTile, ProductTileSkeleton } from "@/components/products/product-tile";
import { ReasonLine } from "@/components/recommendations/reason-line";
import { Shelf, shelfRow } from "@/components/recommendations/shelf";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { QueryFaces } from "@/components/ui/query-faces";
import { useImpressions } from "@/hooks/use-impressions";
import { useNotInterested } from "@/hooks/use-not-interested";
import { useJustHidden } from "@/services/hidden-products";
import type { ProductCard, RecommendationList } from "@/services/types";

interface RailProps {
  query: UseQueryResult<RecommendationList>;
  /** The heading, and a note that explains it, for the list that came. */
  title: (list: RecommendationList | undefined) => string | undefined;
  note?: (list: RecommendationList) => string;
  eager?: boolean;
  /** Products that were shown before, and are not to be shown again. */
  without?: number[];
}

const nothing: number[] = [];

/** A shelf of recommendations, each with its reason. */
export function Rail({ query, title, note, eager = false, without = nothing }: RailProps) {
  const { t } = useTranslation();
  return (
    <Shelf title={title(query.data)} note={query.data && note?.(query.data)}>
      <QueryFaces
        query={query}
        loading={<ShelfSkeleton lines={3} />}
        empty={{
          when: (list) => list.recommendations.length === 0,
          show: (
            <Notice
              title={t("rail.empty")}
              action={
                <ButtonLink look="outline" to="/products">
                  {t("rail.emptyNext")}
                </ButtonLink>
              }
            />
          ),
        }}
      >
        {(list) => <RecommendationRow list={list} eager={eager} without={without} />}
      </QueryFaces>
    </Shelf>
  );
}

interface RecommendationRowProps {
  list: RecommendationList;
  eager: boolean;
  without: number[];
}

function RecommendationRow({ list, eager, without }: RecommendationRowProps) {
  const hide = useNotInterested();
  const hidden = useJustHidden();
  const shown = list.recommendations.filter(
    ({ product_id }) =>
      !without.includes(product_id) && !hidden.some(({ id }) => id === product_id),
  );
  const row = useImpressions(
    list.list_id,
    shown.map(({ product_id }) => product_id),
  );
  return (
    <ul ref={row} className={shelfRow}>
      {shown.map((recommendation) => (
        <li key={recommendation.product_id}>
          <ProductTile
            product={recommendation.product}
            eager={eager && shown.indexOf(recommendation) < 5}
            served={{
              list_id: list.list_id,
              position: list.recommendations.indexOf(recommendation),
            }}
            onHide={() => {
              hide(recommendation.product);
            }}
          >
            <ReasonLine recommendation={recommendation} />
          </ProductTile>
        </li>
      ))}
    </ul>
  );
}

/** A shelf of plain products. */
export function ProductRow({ products }: { products: ProductCard[] }) {
  return (
    <ul className={shelfRow}>
      {products.map((product) => (
        <li key={product.id}>
          <ProductTile product={product} />
        </li>
      ))}
    </ul>
  );
}

export function ShelfSkeleton({ lines = 0 }: { lines?: number }) {
  return (
    <div className={`${shelfRow} overflow-hidden`}>
      {Array.from({ length: 6 }, (_, position) => (
        <ProductTileSkeleton key={position} lines={lines} />
      ))}
    </div>
  );
}
