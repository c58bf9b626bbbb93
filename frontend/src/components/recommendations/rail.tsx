import { useRef } from "react";

import { ProductTile, ProductTileSkeleton } from "@/components/products/product-tile";
import { ReasonLine } from "@/components/recommendations/reason-line";
import { findSharedReason, useReasonText } from "@/components/recommendations/use-reason-text";
import { Carousel, carouselRow } from "@/components/recommendations/carousel";
import { useImpressions } from "@/hooks/use-impressions";
import { useNotInterested } from "@/hooks/use-not-interested";
import { useUpdateOutOfSight } from "@/hooks/use-update-out-of-sight";
import type { NamedList, ProductCard, Recommendation } from "@/services/types";

interface RailProps {
  title: string;
  note?: string | undefined;
  /** The list as it was served. */
  list: NamedList;
  /** The recommendations of the list that are on screen. */
  shown: Recommendation[];
  /** What the list would be now; undefined while it is that. */
  update?: NamedList | undefined;
  onUpdate?: (update: NamedList) => void;
  eager?: boolean;
}

/** A list that never changes has nothing to update. */
const stay = () => undefined;

/** A served list in a carousel, each product with its reason. */
export function Rail({ title, note, list, shown, update, onUpdate = stay, eager = false }: RailProps) {
  const hide = useNotInterested();
  const row = useImpressions(
    list.list_id,
    shown.map(({ product_id }) => product_id),
  );
  const section = useRef<HTMLElement>(null);
  const isOffered = useUpdateOutOfSight(section, update, onUpdate);
  const describe = useReasonText();
  const shared = findSharedReason(shown, describe, note);
  return (
    <Carousel
      ref={section}
      title={title}
      note={shared.note}
      onUpdate={
        update !== undefined && isOffered
          ? () => {
              onUpdate(update);
            }
          : undefined
      }
    >
      <ul ref={row} className={carouselRow}>
        {shown.map((recommendation, index) => (
          <li key={recommendation.product_id}>
            <ProductTile
              product={recommendation.product}
              eager={eager && index < 5}
              listPosition={{
                list_id: list.list_id,
                position: list.recommendations.indexOf(recommendation),
              }}
              onHide={() => {
                hide(recommendation.product);
              }}
            >
              <ReasonLine
                reason={describe(recommendation) === shared.text ? undefined : describe(recommendation)}
              />
            </ProductTile>
          </li>
        ))}
      </ul>
    </Carousel>
  );
}

/** Products in a carousel, without reasons. */
export function ProductRow({ products }: { products: ProductCard[] }) {
  return (
    <ul className={carouselRow}>
      {products.map((product) => (
        <li key={product.id}>
          <ProductTile product={product} />
        </li>
      ))}
    </ul>
  );
}

export function RailSkeleton({ lines = 0 }: { lines?: number }) {
  return (
    <div className={`${carouselRow} pulse overflow-hidden`}>
      {Array.from({ length: 6 }, (_, position) => (
        <ProductTileSkeleton key={position} lines={lines} />
      ))}
    </div>
  );
}
