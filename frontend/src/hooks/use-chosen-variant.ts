import { useState } from "react";
import { useLocation, useSearchParams } from "react-router";

import type { Product } from "@/services/types";
import { type Choice, chooseSingleValues, chooseValue, findVariant } from "@/services/variants";

/** What is chosen of a product with variants; the address of the page keeps a complete choice. */
export function useChosenVariant(product: Product) {
  const [parameters, setParameters] = useSearchParams();
  const { state } = useLocation() as { state: unknown };
  const [begun, setBegun] = useState<Choice>({});
  const inAddress = product.variants.find(({ id }) => String(id) === parameters.get("variant"));
  const choice: Choice = inAddress?.options ?? chooseSingleValues(product, begun);
  return {
    choice,
    variant: inAddress ?? (product.has_variants ? findVariant(product, choice) : undefined),
    choose: (name: string, value: string) => {
      const next = chooseValue(product, choice, name, value);
      const found = findVariant(product, next);
      setBegun(next);
      setParameters(
        (present) => {
          present.delete("variant");
          if (found) present.set("variant", String(found.id));
          return present;
        },
        { replace: true, preventScrollReset: true, state },
      );
    },
  };
}
