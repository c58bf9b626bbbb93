import { ProductRow, RailSkeleton } from "@/components/recommendations/rail";
import { Carousel } from "@/components/recommendations/carousel";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { QueryStates } from "@/components/ui/query-states";
import { getCategoryName } from "@/services/categories";
import { useTranslation } from "@/hooks/use-translation";
import { type ListedProducts, useProducts } from "@/services/products";

/** The newest products, of a category or of the whole shop, under a title that says so. */
export function FallbackRail({ filter }: { filter: ListedProducts }) {
  const { t } = useTranslation();
  const products = useProducts({ ordering: "-created_at", page_size: 12, ...filter });
  if (products.data === undefined && products.fetchStatus === "paused") {
    return <Notice title={t("failure.offline")}>{t("rail.offline")}</Notice>;
  }
  const title =
    filter.category === undefined
      ? t("rail.newest")
      : t("rail.newestOf", { category: getCategoryName(filter.category) });
  return (
    <Carousel title={title} note={t("rail.fallback")}>
      <QueryStates
        query={products}
        loading={<RailSkeleton />}
        empty={{
          when: ({ results }) => results.length === 0,
          show: (
            <Notice
              title={t("rail.empty")}
              action={
                <ButtonLink variant="outline" to="/products">
                  {t("rail.emptyNext")}
                </ButtonLink>
              }
            />
          ),
        }}
      >
        {({ results }) => <ProductRow products={results} />}
      </QueryStates>
    </Carousel>
  );
}
