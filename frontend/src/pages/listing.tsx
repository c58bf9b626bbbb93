import { useLocation } from "react-router";

import { Breadcrumbs } from "@/components/categories/breadcrumbs";
import { ListingControls } from "@/components/listing/listing-controls";
import { Pagination } from "@/components/listing/pagination";
import { Subcategories } from "@/components/listing/subcategories";
import { ProductGrid, ProductGridSkeleton } from "@/components/products/product-grid";
import { Button, ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { QueryStates } from "@/components/ui/query-states";
import { useListingFilter } from "@/hooks/use-listing-filter";
import { useTranslation } from "@/hooks/use-translation";
import { getCategoryName, readCategoryAddress } from "@/services/categories";
import { useProducts } from "@/services/products";

const pageSize = 24;

/** All products, or the products of the category in the address. */
export default function ListingPage() {
  const { t } = useTranslation();
  const category = readCategoryAddress(useLocation().pathname);
  const listing = useListingFilter();
  const products = useProducts({
    ...listing.filter,
    ...(category !== undefined && { category }),
    page_size: pageSize,
  });
  const title = category !== undefined ? getCategoryName(category) : t("listing.everything");

  return (
    <>
      <title>{t("title", { page: title })}</title>
      {category !== undefined && <Breadcrumbs category={category} />}
      <div className="mb-6 flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 sm:mb-8">
        <h1 className="text-2xl sm:text-3xl">{title}</h1>
        <p className="text-sm text-muted tabular-nums" role="status">
          {products.data && t("listing.count", { count: products.data.count })}
        </p>
      </div>
      {category !== undefined && <Subcategories category={category} />}
      <ListingControls listing={listing} category={category} />
      <div
        className="mt-8 transition-opacity"
        style={{ opacity: products.isPlaceholderData ? 0.5 : 1 }}
        aria-busy={products.isPlaceholderData}
      >
        <QueryStates
          query={products}
          loading={<ProductGridSkeleton count={12} />}
          empty={{
            when: (page) => page.count === 0,
            show: listing.isFiltered ? (
              <Notice
                title={t("listing.empty")}
                action={
                  <Button
                    variant="outline"
                    onClick={listing.clear}
                  >
                    {t("listing.clear")}
                  </Button>
                }
              >
                {t("listing.emptyText")}
              </Notice>
            ) : (
              <Notice
                title={t("listing.emptyCategory")}
                action={
                  <ButtonLink variant="outline" to="/">
                    {t("notFound.home")}
                  </ButtonLink>
                }
              />
            ),
          }}
        >
          {(page) => (
            <>
              <ProductGrid products={page.results} />
              <Pagination
                page={listing.filter.page ?? 1}
                pages={Math.ceil(page.count / pageSize)}
                address={listing.pageAddress}
              />
            </>
          )}
        </QueryStates>
      </div>
    </>
  );
}
