import { useSearchParams } from "react-router";

import { type Ordering, orderings, type ProductFilter } from "@/services/products";

const listingFilters = ["brand", "min_price", "max_price", "in_stock"] as const;
type ListingFilter = (typeof listingFilters)[number];

/** The filter and order of a listing, as the address has them. Invalid values are ignored. */
export function useListingFilter() {
  const [parameters, setParameters] = useSearchParams();
  const filter: ProductFilter = {};

  const minimum = parseAmount(parameters.get("min_price"));
  const maximum = parseAmount(parameters.get("max_price"));
  const page = Number(parameters.get("page"));
  const ordering = orderings.find((known) => known === parameters.get("sort"));
  if (minimum !== undefined) filter.min_price = minimum;
  if (maximum !== undefined) filter.max_price = maximum;
  const brand = parameters.get("brand");
  if (brand) filter.brand = brand.slice(0, 100);
  if (parameters.get("in_stock") === "true") filter.in_stock = "true";
  if (ordering !== undefined) filter.ordering = ordering;
  if (Number.isInteger(page) && page > 1) filter.page = page;

  /** Change parameters of the address; an empty value removes one. The listing returns to page one. */
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

  /** The address of another page of the same listing. */
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

function parseAmount(text: string | null): string | undefined {
  return text !== null && /^\d{1,12}(\.\d{1,3})?$/.test(text) ? text : undefined;
}
