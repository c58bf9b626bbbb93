import { ProductTile, ProductTileSkeleton } from "@/components/products/product-tile";
import { ReasonLine } from "@/components/recommendations/reason-line";
import { Carousel, carouselRow } from "@/components/recommendations/carousel";
import { useImpressions } from "@/hooks/use-impressions";
import { useNotInterested } from "@/hooks/use-not-interested";
import type { NamedList, ProductCard, Recommendation } from "@/services/types";

interface RailProps {
  title: string;
  note?: string | undefined;
  /** The list as it was served. */
  list: NamedList;
  /** Those of its products that are shown. */
  shown: Recommendation[];
  eager?: boolean;
}

/** A shelf of recommendations, each with its reason. */
export function Rail({ title, note, list, shown, eager = false }: RailProps) {
  const hide = useNotInterested();
  const row = useImpressions(
    list.list_id,
    shown.map(({ product_id }) => product_id),
  );
  return (
    <Carousel title={title} note={note}>
      <ul ref={row} className={carouselRow}>
        {shown.map((recommendation, place) => (
          <li key={recommendation.product_id}>
            <ProductTile
              product={recommendation.product}
              eager={eager && place < 5}
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
    </Carousel>
  );
}

/** A row of plain products. */
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
    <div className={`${carouselRow} overflow-hidden`}>
      {Array.from({ length: 6 }, (_, position) => (
        <ProductTileSkeleton key={position} lines={lines} />
      ))}
    </div>
  );
}
