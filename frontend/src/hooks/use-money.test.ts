import { expect, test } from "vitest";

import { formatMoney } from "@/hooks/use-money";

test("a price is formatted in the currency of the shop", () => {
  expect(formatMoney("1249.50", "USD", "en")).toBe("$1,249.50");
});

test("every cent of an amount that no float holds is kept", () => {
  expect(formatMoney("90071992547409931.07", "USD", "en")).toBe("$90,071,992,547,409,931.07");
});

test("another language puts comma and sign where its readers expect them", () => {
  expect(formatMoney("1249.50", "EUR", "de")).toBe("1.249,50\u00a0€");
});

test("a currency has its own number of decimals", () => {
  expect(formatMoney("1250", "JPY", "en")).toBe("¥1,250");
  expect(formatMoney("1.250", "KWD", "en")).toBe("KWD\u00a01.250");
  expect(formatMoney("19.99", "HUF", "en")).toBe("HUF\u00a019.99");
});
