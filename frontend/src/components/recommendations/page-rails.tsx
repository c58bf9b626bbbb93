import { useDeferredValue } from "react";

import { FallbackRail } from "@/components/recommendations/fallback-rail";
import { Rail, RailSkeleton } from "@/components/recommendations/rail";
import { Carousel } from "@/components/recommendations/carousel";
import { useListLabels } from "@/components/recommendations/use-list-labels";
import { useProgressiveRender } from "@/hooks/use-progressive-render";
import { useTimedOut } from "@/hooks/use-timed-out";
import { useTranslation } from "@/hooks/use-translation";
import { useRecentlyHiddenProducts } from "@/services/hidden-products";
import { findUpdate } from "@/services/live-lists";
import type { ListedProducts } from "@/services/products";
import type { PageLists } from "@/services/recommendations";
import type { NamedList } from "@/services/types";

interface PageRailsProps {
  lists: PageLists;
  /** Which products to show when the lists fail or do not arrive in time. */
  fallback: ListedProducts;
  /** Ids of products that the page shows elsewhere, or that were shown before. */
  exclude?: number[];
  /** How many skeletons to show while the lists are loading. */
  skeletons?: number;
  /** Whether the first list is in view when the page opens. */
  eager?: boolean;
}

const noIds: number[] = [];

/** All lists of recommendations of a page; the newest products if the lists fail or are late. */
export function PageRails({
  lists,
  fallback,
  exclude = noIds,
  skeletons = 1,
  eager = false,
}: PageRailsProps) {
  const { t } = useTranslation();
  const { query, fresh, show } = lists;
  const isWaiting = query.isPending && query.failureCount + query.errorUpdateCount === 0 && query.fetchStatus !== "paused";
  const timedOut = useTimedOut(isWaiting);
  // Dozens of products render as a deferred update, so that the page stays responsive.
  const deferredLists = useDeferredValue(query.data);
  if (deferredLists !== undefined) {
    return <Rails lists={deferredLists} fresh={fresh} onShow={show} exclude={exclude} eager={eager} />;
  }
  if (query.data === undefined && (!isWaiting || timedOut)) return <FallbackRail filter={fallback} />;
  return (
    <>
      <span className="sr-only" role="status">
        {t("loading")}
      </span>
      {Array.from({ length: skeletons }, (_, position) => (
        <RailPlaceholder key={position} />
      ))}
    </>
  );
}

function RailPlaceholder() {
  return (
    <div aria-busy="true">
      <Carousel title={undefined}>
        <RailSkeleton lines={3} />
      </Carousel>
    </div>
  );
}

interface RailsProps {
  lists: NamedList[];
  fresh: NamedList[] | undefined;
  onShow: (update: NamedList) => void;
  exclude: number[];
  eager: boolean;
}

function Rails({ lists, fresh, onShow, exclude, eager }: RailsProps) {
  const { title, note } = useListLabels(lists);
  // The server leaves hidden products out only of lists that are fetched from now on.
  const excludedIds = new Set([...exclude, ...useRecentlyHiddenProducts().map(({ id }) => id)]);
  const rendered = useProgressiveRender(lists.length);
  return lists.map((list, index) => {
    if (index >= rendered) return <RailPlaceholder key={list.name} />;
    const shown = list.recommendations.filter(({ product_id }) => !excludedIds.has(product_id));
    if (shown.length === 0) return null;
    return (
      <Rail
        key={list.name}
        title={title(list)}
        note={note(list)}
        list={list}
        shown={shown}
        update={findUpdate(lists, fresh, list.name)}
        onUpdate={onShow}
        eager={eager && index === 0}
      />
    );
  });
}
