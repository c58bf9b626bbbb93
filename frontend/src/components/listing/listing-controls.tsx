import { ChevronDown, SlidersHorizontal } from "lucide-react";
import { useId, useState } from "react";

import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import type { useListingFilter } from "@/hooks/use-listing-filter";
import { readText } from "@/components/ui/form-data";
import { useTranslation } from "@/hooks/use-translation";
import { orderings, useFacets } from "@/services/products";
import { shop } from "@/services/shop";

interface ListingControlsProps {
  listing: ReturnType<typeof useListingFilter>;
  category: string | undefined;
}

/** Filters and order of a listing; both are stored in the address. */
export function ListingControls({ listing, category }: ListingControlsProps) {
  const { t } = useTranslation();
  const { filter, sort, isFiltered, change, clear } = listing;
  const facets = useFacets(category).data;
  const panel = useId();
  const [isOpen, setOpen] = useState(isFiltered);
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={panel}
        onClick={() => {
          setOpen(!isOpen);
        }}
        className="inline-flex min-h-11 items-center gap-2 rounded-full border border-line bg-surface px-5 text-sm font-semibold hover:border-ink"
      >
        <SlidersHorizontal aria-hidden="true" size={16} />
        {t("listing.filters")}
      </button>
      <form
        key={`${filter.min_price ?? ""} ${filter.max_price ?? ""}`}
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          change({
            min_price: readText(form, "min_price"),
            max_price: readText(form, "max_price"),
          });
        }}
        id={panel}
        hidden={!isOpen}
        className="order-last flex w-full flex-wrap items-end gap-4 rounded-tile border border-line bg-surface p-4"
      >
        <fieldset className="flex min-w-0 flex-wrap items-end gap-2">
          <legend className="mb-1.5 text-sm font-semibold">{t("listing.price")}</legend>
          {(["min_price", "max_price"] as const).map((name) => (
            <Field
              key={name}
              id={name}
              name={name}
              label={t(name === "min_price" ? "listing.minimum" : "listing.maximum")}
              inputMode="decimal"
              type="number"
              min="0"
              max="999999999999"
              step={10 ** -shop.decimals}
              defaultValue={filter[name]}
              placeholder={facets?.price[name === "min_price" ? "min" : "max"] ?? ""}
              className="w-28!"
            />
          ))}
          <Button type="submit" variant="outline">
            {t("listing.apply")}
          </Button>
        </fieldset>
        {facets !== undefined && facets.brands.length > 1 && (
          <label className="grid gap-1.5 text-sm font-medium">
            {t("listing.brand")}
            <select
              value={filter.brand ?? ""}
              onChange={(event) => {
                change({ brand: event.target.value });
              }}
              className="min-h-11 max-w-56 rounded-lg border border-line bg-surface px-3 font-normal"
            >
              <option value="">{t("listing.anyBrand")}</option>
              {facets.brands.map(({ name, product_count }) => (
                <option key={name} value={name}>
                  {t("listing.brandCount", { brand: name, count: product_count })}
                </option>
              ))}
            </select>
          </label>
        )}
        <label className="flex min-h-11 items-center gap-2.5 text-sm font-medium">
          <input
            type="checkbox"
            checked={filter.in_stock === "true"}
            onChange={(event) => {
              change({ in_stock: event.target.checked ? "true" : "" });
            }}
            className="size-5 accent-accent"
          />
          {t("listing.inStock")}
        </label>
        {isFiltered && (
          <Button
            variant="quiet"
            onClick={clear}
          >
            {t("listing.clear")}
          </Button>
        )}
      </form>
      <label className="flex items-center gap-2 text-sm text-muted">
        <span className="sr-only sm:not-sr-only">{t("listing.sort")}</span>
        <span className="relative">
          <select
            value={sort}
            onChange={(event) => {
              change({ sort: event.target.value === "-created_at" ? "" : event.target.value });
            }}
            className="min-h-11 appearance-none rounded-full border border-line bg-surface pr-10 pl-5 text-sm font-medium text-ink hover:border-ink"
          >
            {orderings.map((ordering) => (
              <option key={ordering} value={ordering}>
                {t(`listing.orderings.${ordering}`)}
              </option>
            ))}
          </select>
          <ChevronDown
            aria-hidden="true"
            size={16}
            className="pointer-events-none absolute inset-y-0 right-4 my-auto"
          />
        </span>
      </label>
    </div>
  );
}
