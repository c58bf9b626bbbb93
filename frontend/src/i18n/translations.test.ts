import { expect, test } from "vitest";

import { de } from "@/i18n/de";
import { en } from "@/i18n/en";
import { enAccount } from "@/i18n/en-account";
import { enCheckout } from "@/i18n/en-checkout";

interface Texts {
  readonly [key: string]: string | Texts;
}

const entries = (texts: Texts, prefix = ""): [string, string][] =>
  Object.entries(texts).flatMap(([key, text]) =>
    typeof text === "string"
      ? [[prefix + key, text] as [string, string]]
      : entries(text, `${prefix + key}.`),
  );

const english = entries({ ...en, ...enCheckout, ...enAccount });
const german = entries(de);
const sources = Object.entries(
  import.meta.glob<string>(["/src/**/*.{ts,tsx}", "!/src/**/*.test.*", "!/src/i18n/{en,en-account,en-checkout,de}.ts"], {
    eager: true,
    query: "?raw",
    import: "default",
  }),
).map(([, text]) => text);
const code = sources.join("\n");

test("both languages have the same keys in the same order", () => {
  expect(german.map(([key]) => key)).toEqual(english.map(([key]) => key));
});

test("a text and its translation have the same placeholders", () => {
  const gaps = ([key, word]: [string, string]) => [key, word.match(/\{\{\w+\}\}/g)?.toSorted()];

  expect(german.map(gaps)).toEqual(english.map(gaps));
});

test("no text is empty", () => {
  expect([...english, ...german].filter(([, word]) => word.trim() === "")).toEqual([]);
});

test("every text is used", () => {
  const unused = english
    .map(([key]) => key.replace(/_(one|other)$/, ""))
    .filter((key) => !isUsed(key));

  expect(unused).toEqual([]);
});

/** Whether the code has the key as a string, or computes the end of it in a template literal. */
function isUsed(key: string): boolean {
  const beginnings = [...key.matchAll(/\./g)].map(({ index }) => key.slice(0, index + 1));
  return (
    code.includes(`"${key}"`) ||
    beginnings.some((beginning) => code.includes(`\`${beginning}\${`))
  );
}
