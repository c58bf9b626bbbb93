import { FacetChoice } from "@/components/listing/facet-choice";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { readText } from "@/components/ui/form-data";
import { usePriceRange } from "@/hooks/use-price-range";
import { useTranslation } from "@/hooks/use-translation";
import type { Facets, ProductFilter } from "@/services/products";
import { shop } from "@/services/shop";

const bounds = ["min_price", "max_price"] as const;

interface PriceFacetProps {
  price: Facets["price"];
  filter: ProductFilter;
  onChange: (range: Record<(typeof bounds)[number], string>) => void;
  /** Begins the ids of the fields. */
  id: string;
}

/** Bands of prices, one of which can be chosen, and fields for any other range. */
export function PriceFacet({ price, filter, onChange, id }: PriceFacetProps) {
  const { t } = useTranslation();
  const describeRange = usePriceRange();
  const { min_price: minimum, max_price: maximum } = filter;
  return (
    <>
      <ul className="mb-2">
        {price.bands.map((band, position) => {
          // Below the first band and above the last there is nothing.
          const from = position === 0 ? undefined : band.min;
          const to = band.max ?? undefined;
          const isChosen = minimum === from && maximum === to;
          return (
            <li key={band.min}>
              <FacetChoice
                label={describeRange(from, to)}
                count={band.product_count}
                chosen={isChosen}
                onClick={() => {
                  onChange({
                    min_price: isChosen ? "" : (from ?? ""),
                    max_price: isChosen ? "" : (to ?? ""),
                  });
                }}
              />
            </li>
          );
        })}
      </ul>
      <form
        key={`${minimum ?? ""} ${maximum ?? ""}`}
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          onChange({ min_price: readText(form, "min_price"), max_price: readText(form, "max_price") });
        }}
        className="flex flex-wrap items-end gap-2 pb-1"
      >
        {bounds.map((name) => (
          <Field
            key={name}
            id={`${id}-${name}`}
            name={name}
            label={t(name === "min_price" ? "listing.minimum" : "listing.maximum")}
            inputMode="decimal"
            type="number"
            min="0"
            max="999999999999"
            step={10 ** -shop.decimals}
            defaultValue={filter[name]}
            placeholder={price[name === "min_price" ? "min" : "max"] ?? ""}
            className="w-24!"
          />
        ))}
        <Button type="submit" variant="outline">
          {t("listing.apply")}
        </Button>
      </form>
    </>
  );
}
