import { X } from "lucide-react";
import { useEffect, useRef } from "react";

import type { Listing, ManyValued } from "@/hooks/use-listing-filter";
import { capitalize } from "@/i18n/translate";
import { usePriceRange } from "@/hooks/use-price-range";
import { useTranslation } from "@/hooks/use-translation";
import { getCategoryName } from "@/services/categories";

const manyValued: ManyValued[] = ["subcategory", "brand", "attribute"];

interface Chip {
  label: string;
  remove: () => void;
}

/** What is chosen, each with a button that removes it. The focus goes on to the next one. */
export function FilterChips({ listing }: { listing: Listing }) {
  const { t } = useTranslation();
  const list = useRef<HTMLUListElement>(null);
  const toFocus = useRef<number>(undefined);
  const { filter, change, toggle } = listing;
  const chips: Chip[] = manyValued.flatMap((name) =>
    (filter[name] ?? []).map((value) => ({
      label: describe(name, value),
      remove: () => {
        toggle(name, value);
      },
    })),
  );
  const add = (label: string, ...names: ("min_price" | "max_price" | "min_rating" | "in_stock")[]) =>
    chips.push({
      label,
      remove: () => {
        change(Object.fromEntries(names.map((name) => [name, ""])));
      },
    });
  const sayRange = usePriceRange();
  if (filter.min_price !== undefined || filter.max_price !== undefined) {
    add(sayRange(filter.min_price, filter.max_price), "min_price", "max_price");
  }
  if (filter.min_rating !== undefined) add(t("facets.rated", { rating: filter.min_rating }), "min_rating");
  if (filter.in_stock !== undefined) add(t("listing.inStock"), "in_stock");

  useEffect(() => {
    if (toFocus.current === undefined) return;
    const buttons = [...(list.current?.querySelectorAll("button") ?? [])];
    const next = buttons[Math.min(toFocus.current, buttons.length - 1)];
    // Without chips the list is gone: the products are what comes next.
    (next ?? document.getElementById("results"))?.focus();
    toFocus.current = undefined;
  }, [chips.length]);

  if (chips.length === 0) return null;
  return (
    <ul ref={list} aria-label={t("facets.chosen")} className="flex flex-wrap items-center gap-2">
      {chips.map(({ label, remove }, position) => (
        <li key={label}>
          <button
            type="button"
            aria-label={t("facets.remove", { filter: label })}
            onClick={() => {
              toFocus.current = position;
              remove();
            }}
            className="inline-flex min-h-11 max-w-full items-center gap-1.5 rounded-full bg-accent-soft py-1.5 pr-3 pl-4 text-left text-sm wrap-anywhere lg:min-h-9"
          >
            {label}
            <X aria-hidden="true" size={14} className="shrink-0" />
          </button>
        </li>
      ))}
      <li>
        <button
          type="button"
          onClick={() => {
            toFocus.current = 0;
            listing.clear();
          }}
          className="min-h-11 px-2 text-sm underline underline-offset-4 lg:min-h-9"
        >
          {t("listing.clear")}
        </button>
      </li>
    </ul>
  );
}

function describe(name: ManyValued, value: string): string {
  if (name === "subcategory") return getCategoryName(value);
  return name === "attribute" ? capitalize(value.replace(":", ": ")) : value;
}
