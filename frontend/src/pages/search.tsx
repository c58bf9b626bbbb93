import { Navigate, useSearchParams } from "react-router";

import { ProductGrid, ProductGridSkeleton } from "@/components/products/product-grid";
import { HomeRail } from "@/components/recommendations/home-rail";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { QueryStates } from "@/components/ui/query-states";
import { useTranslation } from "@/hooks/use-translation";
import { useSearch } from "@/services/search";

export default function SearchPage() {
  const { t } = useTranslation();
  const [parameters] = useSearchParams();
  const words = (parameters.get("q") ?? "").trim();
  const results = useSearch(words);
  if (results.data?.redirect) return <Navigate replace to={results.data.redirect} />;
  return (
    <>
      <title>{t("title", { page: words === "" ? t("search.title") : words })}</title>
      <h1 className="mb-6 text-2xl sm:mb-8 sm:text-3xl">
        {results.data === undefined || results.data.count === 0
          ? t("search.title")
          : t("search.results", { count: results.data.count, words })}
      </h1>
      {words === "" ? (
        <>
          <Notice
            title={t("search.start")}
            action={
              <ButtonLink variant="outline" to="/products">
                {t("hero.browse")}
              </ButtonLink>
            }
          >
            {t("search.startText")}
          </Notice>
          <HomeRail />
        </>
      ) : (
        <QueryStates
          query={results}
          loading={<ProductGridSkeleton count={8} />}
          empty={{
            when: (found) => found.products.length === 0,
            show: (
              <>
                <Notice
                  title={t("search.empty", { words })}
                  action={
                    <ButtonLink variant="outline" to="/products">
                      {t("hero.browse")}
                    </ButtonLink>
                  }
                >
                  {t("search.emptyText")}
                </Notice>
                <HomeRail />
              </>
            ),
          }}
        >
          {(found) => <ProductGrid products={found.products.map(({ product }) => product)} />}
        </QueryStates>
      )}
    </>
  );
}
