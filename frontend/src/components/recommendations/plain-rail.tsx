import { useTranslation } from "react-i18next";

import { ProductRow, RailSkeleton } from "@/components/recommendations/rail";
import { Shelf } from "@/components/recommendations/shelf";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { QueryFaces } from "@/components/ui/query-faces";
import { type ProductFilter, useProducts } from "@/services/products";

/** The newest products, of a category or of all, called just that. */
export function PlainRail({ filter }: { filter: ProductFilter }) {
  const { t } = useTranslation();
  const products = useProducts({ ordering: "-created_at", page_size: 12, ...filter });
  const title =
    filter.category === undefined
      ? t("rail.newest")
      : t("rail.newestOf", { category: filter.category });
  return (
    <Shelf title={title} note={t("rail.plain")}>
      <QueryFaces
        query={products}
        loading={<RailSkeleton />}
        empty={{
          when: ({ results }) => results.length === 0,
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
        {({ results }) => <ProductRow products={results} />}
      </QueryFaces>
    </Shelf>
  );
}
