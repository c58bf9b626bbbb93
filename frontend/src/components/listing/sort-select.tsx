import { ChevronDown } from "lucide-react";

import type { Listing } from "@/hooks/use-listing-filter";
import { useTranslation } from "@/hooks/use-translation";

/** The names of these stand in the texts. */
export type AnyOrdering = "relevance" | "shop" | "-created_at" | "price" | "-price" | "name" | "-rating" | "-popularity";

/** The order of a listing, which is stored in the address. */
export function SortSelect<Ordering extends AnyOrdering>({ listing }: { listing: Listing<Ordering> }) {
  const { t } = useTranslation();
  const [first] = listing.orderings;
  return (
    <label className="flex items-center gap-2 text-sm text-muted">
      <span className="sr-only sm:not-sr-only">{t("listing.sort")}</span>
      <span className="relative">
        <select
          value={listing.sort}
          onChange={(event) => {
            listing.change({ sort: event.target.value === first ? "" : event.target.value });
          }}
          className="min-h-11 appearance-none rounded-full border border-line bg-surface pr-10 pl-5 text-sm font-medium text-ink hover:border-ink"
        >
          {listing.orderings.map((ordering) => (
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
  );
}
