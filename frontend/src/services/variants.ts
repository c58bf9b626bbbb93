import type { OrderLine, Product, ProductCard, Variant } from "./types";

/** The values that are chosen so far, by the names of the options. */
export type Choice = Readonly<Partial<Record<string, string>>>;

/** Whether a value can be chosen with the values before it; `missing` means that nothing has them all. */
export type ValueState = "available" | "sold-out" | "missing";

type Choosable = Pick<Product, "options" | "variants">;

/** Return the variant of this choice; none while something is still to be chosen. */
export const findVariant = ({ options, variants }: Choosable, choice: Choice): Variant | undefined =>
  variants.find((variant) =>
    options.every(({ name }) => (variant.options[name] ?? "") === (choice[name] ?? "")),
  );

/**
 * Return what choosing a value of an option would lead to.
 *
 * Only the options before it count: what is chosen after it can always be chosen anew, so no choice
 * is a dead end.
 */
export function getValueState({ options, variants }: Choosable, choice: Choice, name: string, value: string): ValueState {
  const before = options.slice(0, options.findIndex((option) => option.name === name));
  const matching = variants.filter(
    (variant) =>
      variant.options[name] === value &&
      before.every((option) => {
        const chosen = choice[option.name];
        return chosen === undefined || variant.options[option.name] === chosen;
      }),
  );
  if (matching.length === 0) return "missing";
  return matching.some(({ is_buyable }) => is_buyable) ? "available" : "sold-out";
}

/** Return the choice with this value; later values that it rules out are no longer chosen. */
export function chooseValue(product: Choosable, choice: Choice, name: string, value: string): Choice {
  let next: Choice = { ...choice, [name]: value };
  const later = product.options.slice(product.options.findIndex((option) => option.name === name) + 1);
  for (const option of later) {
    const chosen = next[option.name];
    if (chosen === undefined || getValueState(product, next, option.name, chosen) === "available") continue;
    next = { ...next, [option.name]: undefined };
  }
  return chooseSingleValues(product, next);
}

/** Return the choice with the values of those options that leave no choice. */
export function chooseSingleValues(product: Choosable, choice: Choice): Choice {
  let next = choice;
  for (const { name, values } of product.options) {
    if (next[name] !== undefined) continue;
    const states = values.map((value) => getValueState(product, next, name, value));
    const existing = states.filter((state) => state !== "missing").length;
    const single = values[states.indexOf("available")];
    if (existing === 1 && single !== undefined) next = { ...next, [name]: single };
  }
  return next;
}

/** Return the names of the options of which nothing is chosen. */
export const listOpenOptions = ({ options }: Choosable, choice: Choice): string[] =>
  options.map(({ name }) => name).filter((name) => choice[name] === undefined);

/** “Hoodie (M, Blue)”, or the product's name alone. */
export const nameVariant = (product: string, variant: string | undefined): string =>
  variant ? `${product} (${variant})` : product;

export const nameOrderLine = ({ product_name, variant_name }: Pick<OrderLine, "product_name" | "variant_name">): string =>
  nameVariant(product_name, variant_name);

/** The address of a product's page, with the variant chosen. */
export const getProductAddress = (productId: number, variantId?: number | null): string =>
  `/product/${productId}${variantId ? `?variant=${variantId}` : ""}`;

/** Return the product with the picture of the variant, if it has its own. */
export const showVariant = (product: ProductCard, variant: Variant | null): ProductCard =>
  variant?.image ? { ...product, image: variant.image, image_srcset: variant.image_srcset } : product;
