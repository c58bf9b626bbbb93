import { expect, test } from "vitest";

import { translate } from "@/i18n/translate";

const texts = { header: { cart_one: "Cart, {{count}} item", cart_other: "Cart, {{count}} items", home: "{{shop}}, home" } };
const plurals = new Intl.PluralRules("en");

test("a number chooses the form of its text", () => {
  expect(translate(texts, plurals, "header.cart", { count: 1 })).toBe("Cart, 1 item");
  expect(translate(texts, plurals, "header.cart", { count: 0 })).toBe("Cart, 0 items");
});

test("a value is put in as it is, whatever it contains", () => {
  expect(translate(texts, plurals, "header.home", { shop: "<{{count}} & $1>" })).toBe("<{{count}} & $1>, home");
});

test("a key without a text is returned itself", () => {
  expect(translate(texts, plurals, "header.away.far")).toBe("header.away.far");
  expect(translate(texts, plurals, "header")).toBe("header");
});
