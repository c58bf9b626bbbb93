import { expect, test } from "vitest";

import { formatMoney } from "@/hooks/use-money";

test("a price is formatted in the currency of the shop", () => {
  expect(formatMoney("1249.5", "USD", "en")).toBe("$1,249.50");
});

test("every cent of an amount that no float holds is kept", () => {
  expect(formatMoney("90071992547409931.07", "USD", "en")).toBe("$90,071,992,547,409,931.07");
});

test("another language puts comma and sign where its readers expect them", () => {
  expect(formatMoney("1249.50", "EUR", "de")).toBe("1.249,50\u00a0€");
});
