import { useEffect } from "react";
import { Link, Navigate, useSearchParams } from "react-router";

import { pageSize, Results } from "@/components/listing/results";
import { HomeRail } from "@/components/recommendations/home-rail";
import { Marked } from "@/components/search/marked";
import { NearCategories } from "@/components/search/near-categories";
import { SearchRail } from "@/components/recommendations/search-rail";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useListingFilter } from "@/hooks/use-listing-filter";
import { useTranslation } from "@/hooks/use-translation";
import { useFacets } from "@/services/products";
import { rememberSearch } from "@/services/recent-searches";
import { searchOrderings, useSearch } from "@/services/search";
import { usePersonalizationEnabled } from "@/services/shoppers";

/** What the words of the address find. */
export default function SearchPage() {
  const { t } = useTranslation();
  const [parameters] = useSearchParams();
  const words = (parameters.get("q") ?? "").trim();
  return (
    <>
      <title>{t("title", { page: words === "" ? t("search.title") : words })}</title>
      {words === "" ? (
        <>
          <h1 className="mb-6 text-2xl sm:mb-8 sm:text-3xl">{t("search.title")}</h1>
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
        <Found words={words} isAsTyped={parameters.get("as_typed") === "true"} />
      )}
    </>
  );
}

function Found({ words, isAsTyped }: { words: string; isAsTyped: boolean }) {
  const { t } = useTranslation();
  const listing = useListingFilter(searchOrderings);
  const { filter, ordering, page } = listing;
  const searched = { ...filter, q: words, ...(isAsTyped && { as_typed: "true" as const }) };
  const results = useSearch({
    ...searched,
    ...(ordering !== undefined && { ordering }),
    ...(page !== undefined && { page }),
    count: pageSize,
  });
  const facets = useFacets(searched);
  const found = results.data;
  const shown = found?.correction?.searched ?? words;
  const terms = found?.terms ?? [];

  const isPersonal = usePersonalizationEnabled();
  const hasAnswer = found !== undefined;
  useEffect(() => {
    if (hasAnswer && isPersonal) rememberSearch(shown);
  }, [hasAnswer, isPersonal, shown]);

  if (found?.redirect) return <Navigate replace to={found.redirect} />;
  return (
    <>
      <h1 className="text-2xl wrap-anywhere sm:text-3xl">
        {found === undefined || found.count === 0
          ? t("search.title")
          : t("search.results", { count: found.count, words: shown })}
      </h1>
      <p role="status" className="sr-only">
        {found && t("listing.count", { count: found.count })}
      </p>
      <div className="mt-2 mb-3 min-h-6 text-sm text-muted wrap-anywhere sm:mb-5">
        {found?.correction && (
          <p>
            {t("search.corrected", { searched: shown })}{" "}
            <SearchLink words={words} isAsTyped>
              {t("search.asTyped", { words })}
            </SearchLink>
          </p>
        )}
        {isAsTyped && found?.count === 0 && (
          <SearchLink words={words}>{t("search.similar", { words })}</SearchLink>
        )}
      </div>
      <Results
        listing={listing}
        products={results}
        facets={facets}
        renderName={(name) => <Marked text={name} terms={terms} />}
        empty={
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
            <NearCategories words={words} />
            <SearchRail words={words} />
          </>
        }
      />
    </>
  );
}

interface SearchLinkProps {
  words: string;
  isAsTyped?: boolean;
  children: string;
}

function SearchLink({ words, isAsTyped = false, children }: SearchLinkProps) {
  const query = new URLSearchParams({ q: words, ...(isAsTyped && { as_typed: "true" }) });
  return (
    <Link
      to={`/search?${query}`}
      className="inline-flex min-h-6 items-center underline underline-offset-4 hover:text-ink"
    >
      {children}
    </Link>
  );
}
