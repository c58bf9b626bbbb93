import { useLocation } from "react-router";

import { Breadcrumbs } from "@/components/categories/breadcrumbs";
import { pageSize, Results } from "@/components/listing/results";
import { Subcategories } from "@/components/listing/subcategories";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useListingFilter } from "@/hooks/use-listing-filter";
import { useTranslation } from "@/hooks/use-translation";
import { getCategoryName, readCategoryAddress } from "@/services/categories";
import { orderings, useFacets, useProducts } from "@/services/products";

/** All products, or the products of the category in the address. */
export default function ListingPage() {
  const { t } = useTranslation();
  const category = readCategoryAddress(useLocation().pathname);
  const listing = useListingFilter(orderings);
  const { filter, ordering, page } = listing;
  const within = category === undefined ? filter : { ...filter, category };
  const products = useProducts({
    ...within,
    ...(ordering !== undefined && { ordering }),
    ...(page !== undefined && { page }),
    page_size: pageSize,
  });
  const facets = useFacets(within);
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
      <Results
        listing={listing}
        products={products}
        facets={facets}
        empty={
          <Notice
            title={t("listing.emptyCategory")}
            action={
              <ButtonLink variant="outline" to="/">
                {t("notFound.home")}
              </ButtonLink>
            }
          />
        }
      />
    </>
  );
}
