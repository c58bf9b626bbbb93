import type { UseQueryResult } from "@tanstack/react-query";
import { SlidersHorizontal } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";

import type { FacetDrawerProps } from "@/components/listing/facet-drawer";
import { FacetPanel } from "@/components/listing/facet-panel";
import { FilterChips } from "@/components/listing/filter-chips";
import { Pagination } from "@/components/listing/pagination";
import { type AnyOrdering, SortSelect } from "@/components/listing/sort-select";
import { ProductGrid, ProductGridSkeleton } from "@/components/products/product-grid";
import { Button } from "@/components/ui/button";
import { lazyPart } from "@/components/ui/lazy-part";
import { Notice } from "@/components/ui/notice";
import { QueryStates } from "@/components/ui/query-states";
import { Skeleton } from "@/components/ui/skeleton";
import type { Listing } from "@/hooks/use-listing-filter";
import { useMissingScript } from "@/hooks/use-missing-script";
import { useTranslation } from "@/hooks/use-translation";
import type { Facets } from "@/services/products";
import type { ProductCard } from "@/services/types";

export const pageSize = 24;

const FacetDrawer = lazyPart<FacetDrawerProps>(
  () => import("@/components/listing/facet-drawer"),
  MissingDrawer,
);

/** Closes the drawer whose code cannot be fetched, and says why. */
function MissingDrawer({ onOpenChange }: FacetDrawerProps) {
  const explain = useMissingScript();
  useEffect(() => {
    void explain();
    onOpenChange(false);
  }, [onOpenChange, explain]);
  return null;
}

interface ResultsProps {
  listing: Listing<AnyOrdering>;
  /** A page of products, how many there are on all pages, and the id of the search that found them. */
  products: UseQueryResult<{ count: number; results: ProductCard[]; list_id?: string }>;
  facets: UseQueryResult<Facets>;
  /** What stands there if the shop has no product, whatever is chosen. */
  empty: ReactNode;
  renderName?: ((name: string) => ReactNode) | undefined;
}

/** Products beside their facets, with what is chosen above them, and pages. A search and a category have the same. */
export function Results({ listing, products, facets, empty, renderName }: ResultsProps) {
  const { t } = useTranslation();
  const [drawer, setDrawer] = useState<"unopened" | "open" | "closed">("unopened");
  const isUpdating = products.isPlaceholderData;
  if (products.data?.count === 0 && !listing.isFiltered) return empty;
  return (
    <div className="lg:grid lg:grid-cols-[15rem_minmax(0,1fr)] lg:gap-x-10">
      <aside aria-label={t("listing.filters")} className="hidden lg:block">
        <a href="#results" className="sr-only focus:not-sr-only focus:mb-4 focus:inline-block focus:text-sm focus:underline">
          {t("listing.skipFilters")}
        </a>
        {facets.data === undefined ? <PanelSkeleton /> : <FacetPanel facets={facets.data} listing={listing} />}
      </aside>
      <div>
        <div className="flex flex-wrap items-center justify-between gap-3 lg:justify-end">
          <button
            type="button"
            aria-haspopup="dialog"
            disabled={facets.data === undefined}
            onClick={() => {
              setDrawer("open");
            }}
            className="inline-flex min-h-11 items-center gap-2 rounded-full border border-line bg-surface px-5 text-sm font-semibold hover:border-ink lg:hidden"
          >
            <SlidersHorizontal aria-hidden="true" size={16} />
            {t("listing.filters")}
          </button>
          <div className="order-last w-full empty:hidden lg:order-none lg:w-auto lg:flex-1">
            <FilterChips listing={listing} />
          </div>
          <SortSelect listing={listing} />
        </div>
        <div
          id="results"
          tabIndex={-1}
          className="mt-6 outline-none transition-opacity"
          style={{ opacity: isUpdating ? 0.5 : 1 }}
          aria-busy={isUpdating}
        >
          <QueryStates
            query={products}
            loading={<ProductGridSkeleton count={12} />}
            empty={{
              when: (page) => page.count === 0,
              show: (
                <Notice
                  title={t("listing.empty")}
                  action={
                    <Button variant="outline" onClick={listing.clear}>
                      {t("listing.clear")}
                    </Button>
                  }
                >
                  {t("listing.emptyText")}
                </Notice>
              ),
            }}
          >
            {(page) => (
              <>
                <ProductGrid
                  products={page.results}
                  renderName={renderName}
                  list={
                    page.list_id === undefined
                      ? undefined
                      : { list_id: page.list_id, position: ((listing.page ?? 1) - 1) * pageSize }
                  }
                />
                <Pagination
                  page={listing.page ?? 1}
                  pages={Math.ceil(page.count / pageSize)}
                  address={listing.pageAddress}
                />
              </>
            )}
          </QueryStates>
        </div>
      </div>
      {drawer !== "unopened" && facets.data !== undefined && (
        <FacetDrawer
          facets={facets.data}
          listing={listing}
          open={drawer === "open"}
          onOpenChange={(open) => {
            setDrawer(open ? "open" : "closed");
          }}
        />
      )}
    </div>
  );
}

function PanelSkeleton() {
  return (
    <div className="pulse grid gap-3">
      {Array.from({ length: 12 }, (_, position) => (
        <Skeleton key={position} still className="h-5" />
      ))}
    </div>
  );
}
