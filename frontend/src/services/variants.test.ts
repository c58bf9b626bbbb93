import { expect, test } from "vitest";

import {
  type Choice,
  chooseSingleValues,
  chooseValue,
  findVariant,
  getValueState,
  listOpenOptions,
  nameOrderLine,
} from "@/services/variants";
import { orderLine, product, variant } from "@/testing/builders";

const make = (id: number, size: string, colour: string, isBuyable = true) =>
  variant({ id, options: { Size: size, Colour: colour }, is_buyable: isBuyable, in_stock: isBuyable });

/** Small in blue and red, medium in blue, large in red, which is sold out. */
const hoodie = product({
  has_variants: true,
  options: [
    { name: "Size", values: ["S", "M", "L"] },
    { name: "Colour", values: ["Blue", "Red"] },
  ],
  variants: [make(1, "S", "Blue"), make(2, "S", "Red"), make(3, "M", "Blue"), make(4, "L", "Red", false)],
});
const sizes = (choice: Choice) => ["S", "M", "L"].map((size) => getValueState(hoodie, choice, "Size", size));
const colours = (choice: Choice) => ["Blue", "Red"].map((colour) => getValueState(hoodie, choice, "Colour", colour));

test("a complete choice is a variant, an incomplete one is none", () => {
  expect(findVariant(hoodie, { Size: "S", Colour: "Red" })?.id).toBe(2);
  expect(findVariant(hoodie, { Size: "S" })).toBeUndefined();
  expect(findVariant(hoodie, { Size: "M", Colour: "Red" })).toBeUndefined();
  expect(listOpenOptions(hoodie, { Size: "S" })).toEqual(["Colour"]);
});

test("what is sold out and what does not exist are told apart", () => {
  expect(sizes({})).toEqual(["available", "available", "sold-out"]);
  expect(colours({ Size: "M" })).toEqual(["available", "missing"]);
  expect(colours({ Size: "L" })).toEqual(["missing", "sold-out"]);
});

test("the first option never depends on a later one, so no choice is a dead end", () => {
  expect(sizes({ Size: "S", Colour: "Red" })).toEqual(sizes({}));
});

test("a choice that rules out a later value makes it open again", () => {
  expect(chooseValue(hoodie, { Size: "M", Colour: "Blue" }, "Size", "S")).toEqual({ Size: "S", Colour: "Blue" });
  // Medium comes in blue only.
  expect(chooseValue(hoodie, { Size: "S", Colour: "Red" }, "Size", "M")).toEqual({ Size: "M", Colour: "Blue" });
});

test("what leaves no choice is chosen, unless it is sold out", () => {
  const onlyBlue = { ...hoodie, variants: [make(1, "S", "Blue"), make(3, "M", "Blue")] };
  expect(chooseSingleValues({ ...onlyBlue, options: [...hoodie.options.slice(0, 1), { name: "Colour", values: ["Blue"] }] }, {}))
    .toEqual({ Colour: "Blue" });
  expect(chooseSingleValues(hoodie, { Size: "L" })).toEqual({ Size: "L" });
});

test("a line of an order names the variant", () => {
  expect(nameOrderLine(orderLine())).toBe("Copper kettle");
  expect(nameOrderLine(orderLine({ variant_name: "M, Blue" }))).toBe("Copper kettle (M, Blue)");
});
