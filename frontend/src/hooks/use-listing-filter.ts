import { useState } from "react";
import { useSearchParams } from "react-router";

import type { ProductFilter } from "@/services/products";

const maxChosen = 20;

/** The parameters with several values, and the length of the longest value that the shop takes. */
const longest = { subcategory: 500, brand: 100, attribute: 200 } as const;
const single = ["min_price", "max_price", "in_stock", "min_rating"] as const;
export type ManyValued = keyof typeof longest;
type SingleValued = (typeof single)[number];
const manyValued = Object.keys(longest) as ManyValued[];

export type Listing<Ordering extends string = string> = ReturnType<typeof useListingFilter<Ordering>>;

/**
 * The filter, order and page of a listing, as the address has them. Invalid values are ignored.
 *
 * The first of the orderings is the one of an address that names none.
 */
export function useListingFilter<Ordering extends string>(orderings: readonly [Ordering, ...Ordering[]]) {
  const [parameters, setParameters] = useAddress();
  const filter = readFilter(parameters);
  const number = Number(parameters.get("page"));
  const page = Number.isInteger(number) && number > 1 ? number : undefined;
  const ordering = orderings.find((known) => known === parameters.get("sort"));

  /** Change parameters of the address; no value removes one. The listing returns to page one. */
  const change = (parts: Partial<Record<ManyValued | SingleValued | "sort", string | string[]>>) => {
    const after = new URLSearchParams(parameters);
    after.delete("page");
    for (const [name, value] of Object.entries(parts)) {
      after.delete(name);
      for (const one of [value].flat()) if (one !== "") after.append(name, one);
    }
    setParameters(after);
  };

  /** Choose a value of a facet, or no longer. */
  const toggle = (name: ManyValued, value: string) => {
    const chosen = filter[name] ?? [];
    change({
      [name]: chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value],
    });
  };

  const clear = () => {
    change(Object.fromEntries([...manyValued, ...single].map((name) => [name, ""])));
  };

  /** The address of another page of the same listing. */
  const pageAddress = (wanted: number): string => {
    const address = new URLSearchParams(parameters);
    if (wanted === 1) address.delete("page");
    else address.set("page", String(wanted));
    return `?${address}`;
  };

  return {
    filter,
    page,
    orderings,
    ordering,
    sort: ordering ?? orderings[0],
    isFiltered: Object.keys(filter).length > 0,
    change,
    toggle,
    clear,
    pageAddress,
  };
}

/**
 * The parameters of the address, and how to change them.
 *
 * The router changes the address a moment after it is told. Until then, the parameters are already
 * what they will be: otherwise a box that was just ticked would be empty for a moment.
 */
function useAddress(): [URLSearchParams, (after: URLSearchParams) => void] {
  const [current, setCurrent] = useSearchParams();
  const [coming, setComing] = useState({ before: current, after: current });
  const change = (after: URLSearchParams) => {
    setComing({ before: current, after });
    setCurrent(after, { preventScrollReset: true });
  };
  return [coming.before === current ? coming.after : current, change];
}

function readFilter(parameters: URLSearchParams): ProductFilter {
  const filter: ProductFilter = {};
  for (const name of manyValued) {
    const values = parameters
      .getAll(name)
      .filter((value) => value.trim() !== "" && value.length <= longest[name])
      .filter((value) => name !== "attribute" || /^[^:]*[^:\s][^:]*:.*\S/.test(value))
      .slice(0, maxChosen);
    if (values.length > 0) filter[name] = values;
  }
  const minimum = parseAmount(parameters.get("min_price"));
  const maximum = parseAmount(parameters.get("max_price"));
  if (minimum !== undefined) filter.min_price = minimum;
  if (maximum !== undefined) filter.max_price = maximum;
  if (parameters.get("in_stock") === "true") filter.in_stock = "true";
  const rating = parameters.get("min_rating") ?? "";
  if (/^[1-5]$/.test(rating)) filter.min_rating = Number(rating);
  return filter;
}

function parseAmount(text: string | null): string | undefined {
  return text !== null && /^\d{1,12}(\.\d{1,3})?$/.test(text) ? text : undefined;
}
