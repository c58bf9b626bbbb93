import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  document.body.innerHTML = "";
  vi.resetModules();
});

function writeSettings(differences: object): void {
  const settings = {
    name: "Halm & Co",
    language: "en",
    decimals: 3,
    links: [],
    is_demo: false,
    sends_mail: true,
    ...differences,
  };
  document.body.innerHTML = `<script type="application/json" id="shop-settings">${JSON.stringify(settings)}</script>`;
  vi.resetModules();
}

test("the shop's name stands in titles and words", async () => {
  writeSettings({});

  const { t } = await import("@/i18n");

  expect(t("title", { page: "Cart" })).toBe("Cart · Halm & Co");
  expect(t("header.home")).toBe("Halm & Co, home");
});

test.each([
  { decimals: 0, price: "1250", twice: "2500", nothing: "0" },
  { decimals: 3, price: "0.007", twice: "0.014", nothing: "0.000" },
  { decimals: 3, price: "999999999999.999", twice: "1999999999999.998", nothing: "0.000" },
])("amounts with $decimals decimals are counted exactly", async ({ decimals, price, twice, nothing }) => {
  writeSettings({ decimals });

  const { multiplyAmount, sumAmounts } = await import("@/services/amounts");

  expect(multiplyAmount(price, 2)).toBe(twice);
  expect(sumAmounts([price, price])).toBe(twice);
  expect(sumAmounts([])).toBe(nothing);
});

test("a browser that asks for neither language gets the shop's", async () => {
  writeSettings({ language: "de" });
  vi.spyOn(navigator, "languages", "get").mockReturnValue(["fr-FR"]);

  const { getLanguage, initLanguage } = await import("@/i18n");
  await initLanguage();

  expect(getLanguage()).toBe("de");
  expect(document.documentElement.lang).toBe("de");
  vi.restoreAllMocks();
});

test("a browser that asks for English gets it in a German shop", async () => {
  writeSettings({ language: "de" });
  document.documentElement.lang = "de";

  const { getLanguage, initLanguage } = await import("@/i18n");
  await initLanguage();

  expect(getLanguage()).toBe("en");
  expect(document.documentElement.lang).toBe("en");
});
