import { Star } from "lucide-react";
import { useId } from "react";

import { CategoryFacet } from "@/components/listing/category-facet";
import { FacetChoice } from "@/components/listing/facet-choice";
import { FacetGroup } from "@/components/listing/facet-group";
import { FacetCheckbox, FacetOptions } from "@/components/listing/facet-options";
import { PriceFacet } from "@/components/listing/price-facet";
import type { Listing } from "@/hooks/use-listing-filter";
import { useTranslation } from "@/hooks/use-translation";
import { capitalize } from "@/i18n/translate";
import type { Facets } from "@/services/products";

interface FacetPanelProps {
  facets: Facets;
  listing: Listing;
}

/** Every facet of a listing. What is chosen is stored in the address. */
export function FacetPanel({ facets, listing }: FacetPanelProps) {
  const { t } = useTranslation();
  const id = useId();
  const { filter, change, toggle } = listing;
  const { categories, brands, price, ratings, attributes } = facets;
  return (
    <>
      {categories.length > 0 && (
        <FacetGroup title={t("facets.category")}>
          <CategoryFacet
            categories={categories}
            chosen={filter.subcategory ?? []}
            onChange={(chosen) => {
              change({ subcategory: chosen });
            }}
          />
        </FacetGroup>
      )}
      {brands.length > 0 && (
        <FacetGroup title={t("facets.brand")}>
          <FacetOptions
            options={brands.map(({ name, product_count }) => ({ value: name, label: name, product_count }))}
            chosen={filter.brand ?? []}
            onToggle={(value) => {
              toggle("brand", value);
            }}
          />
        </FacetGroup>
      )}
      <FacetGroup title={t("listing.price")}>
        <PriceFacet id={id} price={price} filter={filter} onChange={change} />
      </FacetGroup>
      {attributes.map(({ name, values }) => (
        <FacetGroup key={name.toLowerCase()} title={capitalize(name)}>
          <FacetOptions
            options={values.map(({ value, product_count }) => ({
              value: findChosen(filter.attribute, `${name}:${value}`),
              label: value,
              product_count,
            }))}
            chosen={filter.attribute ?? []}
            onToggle={(value) => {
              toggle("attribute", value);
            }}
          />
        </FacetGroup>
      ))}
      {ratings.length > 0 && (
        <FacetGroup title={t("facets.rating")}>
          <ul>
            {ratings.map(({ min_rating: rating, product_count: count }) => (
              <li key={rating}>
                <FacetChoice
                  label={
                    <>
                      {t("facets.atLeast", { rating })}
                      <Star aria-hidden="true" size={14} fill="currentColor" strokeWidth={0} className="mb-0.5 ml-1 inline text-amber" />
                    </>
                  }
                  count={count}
                  chosen={filter.min_rating === rating}
                  onClick={() => {
                    change({ min_rating: filter.min_rating === rating ? "" : String(rating) });
                  }}
                />
              </li>
            ))}
          </ul>
        </FacetGroup>
      )}
      <FacetGroup title={t("facets.stock")}>
        <FacetCheckbox
          label={t("listing.inStock")}
          count={facets.in_stock_count}
          checked={filter.in_stock === "true"}
          onChange={() => {
            change({ in_stock: filter.in_stock === "true" ? "" : "true" });
          }}
        />
      </FacetGroup>
    </>
  );
}

/** The value as the address spells it, which may differ by case; else as the shop does. */
function findChosen(chosen: string[] | undefined, value: string): string {
  return chosen?.find((one) => one.toLowerCase() === value.toLowerCase()) ?? value;
}
