import { useSearchParams } from "react-router";

import { type Ordering, orderings, type ProductFilter } from "@/services/products";

const listingFilters = ["brand", "min_price", "max_price", "in_stock"] as const;
type ListingFilter = (typeof listingFilters)[number];

/** What the address says about a listing. Anything in it that makes no sense is left out. */
export function useListingFilter() {
  const [parameters, setParameters] = useSearchParams();
  const filter: ProductFilter = {};

  const minimum = amount(parameters.get("min_price"));
  const maximum = amount(parameters.get("max_price"));
  const page = Number(parameters.get("page"));
  const ordering = orderings.find((known) => known === parameters.get("sort"));
  if (minimum !== undefined) filter.min_price = minimum;
  if (maximum !== undefined) filter.max_price = maximum;
  const brand = parameters.get("brand");
  if (brand) filter.brand = brand.slice(0, 100);
  if (parameters.get("in_stock") === "true") filter.in_stock = "true";
  if (ordering !== undefined) filter.ordering = ordering;
  if (Number.isInteger(page) && page > 1) filter.page = page;

  /** Change parts of the address; an empty value leaves it. A new filter starts at page one. */
  const change = (parts: Partial<Record<ListingFilter | "sort", string>>) => {
    setParameters(
      (before) => {
        const after = new URLSearchParams(before);
        after.delete("page");
        for (const [name, value] of Object.entries(parts)) {
          if (value === "") after.delete(name);
          else after.set(name, value);
        }
        return after;
      },
      { preventScrollReset: true },
    );
  };

  /** The same listing at another page, as a link needs it. */
  const pageAddress = (number: number): string => {
    const address = new URLSearchParams(parameters);
    if (number === 1) address.delete("page");
    else address.set("page", String(number));
    return `?${address}`;
  };

  const isFiltered = listingFilters.some((name) => filter[name] !== undefined);
  const clear = () => {
    change(Object.fromEntries(listingFilters.map((name) => [name, ""])));
  };
  const sort: Ordering = ordering ?? "-created_at";
  return { filter, sort, isFiltered, change, clear, pageAddress };
}

function amount(text: string | null): string | undefined {
  return text !== null && /^\d{1,12}(\.\d{1,3})?$/.test(text) ? text : undefined;
}
