import type { UseQueryResult } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { useTranslation } from "react-i18next";

import { FallbackRail } from "@/components/recommendations/fallback-rail";
import { Rail, RailSkeleton } from "@/components/recommendations/rail";
import { Carousel } from "@/components/recommendations/carousel";
import { useListLabels } from "@/components/recommendations/use-list-labels";
import { useProgressiveRender } from "@/hooks/use-progressive-render";
import { useTimedOut } from "@/hooks/use-timed-out";
import { useRecentlyHiddenProducts } from "@/services/hidden-products";
import type { ProductFilter } from "@/services/products";
import type { NamedList } from "@/services/types";

interface PageRailsProps {
  lists: UseQueryResult<NamedList[]>;
  /** The plain products that stand in when the lists fail or are not there in time. */
  fallback: ProductFilter;
  /** Products that the page shows elsewhere, or that were shown before. */
  without?: number[];
  /** How many shelves to keep room for while the lists are on their way. */
  expected?: number;
  /** Whether the first shelf is in sight when the page opens. */
  eager?: boolean;
}

const nothing: number[] = [];

/** Every shelf of recommendations of a page; whatever becomes of them, there are products. */
export function PageRails({
  lists,
  fallback,
  without = nothing,
  expected = 1,
  eager = false,
}: PageRailsProps) {
  const { t } = useTranslation();
  const waiting = lists.isPending && lists.failureCount === 0 && lists.fetchStatus !== "paused";
  const timedOut = useTimedOut(waiting);
  // Dozens of products are drawn in parts, between which the page answers its reader.
  const ready = useDeferredValue(lists.data);
  if (ready !== undefined) {
    return <Rails lists={ready} without={without} eager={eager} />;
  }
  if (lists.data === undefined && (!waiting || timedOut)) return <FallbackRail filter={fallback} />;
  return (
    <>
      <span className="sr-only" role="status">
        {t("loading")}
      </span>
      {Array.from({ length: expected }, (_, position) => (
        <PendingRail key={position} />
      ))}
    </>
  );
}

function PendingRail() {
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
  without: number[];
  eager: boolean;
}

function Rails({ lists, without, eager }: RailsProps) {
  const { title, note } = useListLabels(lists);
  // Lists that are fetched from now on leave out themselves what was just hidden.
  const away = new Set([...without, ...useRecentlyHiddenProducts().map(({ id }) => id)]);
  const drawn = useProgressiveRender(lists.length);
  return lists.map((list, place) => {
    if (place >= drawn) return <PendingRail key={list.name} />;
    const shown = list.recommendations.filter(({ product_id }) => !away.has(product_id));
    if (shown.length === 0) return null;
    return (
      <Rail
        key={list.name}
        title={title(list)}
        note={note(list)}
        list={list}
        shown={shown}
        eager={eager && place === 0}
      />
    );
  });
}
