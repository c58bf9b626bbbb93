/** Texts by their keys, in groups. A text with a number has two forms, whose keys end in `_one` and `_other`. */
export interface Texts {
  readonly [key: string]: string | Texts;
}

export type Values = Readonly<Record<string, string | number>>;

type Counted<Key extends string> = Key extends `${infer Stem}_one` | `${infer Stem}_other` ? Stem : Key;

/** The keys of texts as `translate` takes them, such as "header.cart". */
export type KeyOf<Group> = {
  [Key in keyof Group & string]: Group[Key] extends string ? Counted<Key> : `${Key}.${KeyOf<Group[Key]>}`;
}[keyof Group & string];

/**
 * Return the text of a key, in which each `{{name}}` is the value of that name.
 *
 * The value `count` chooses the form of a text that has two. A key without a text is returned itself.
 */
export function translate(texts: Texts, plurals: Intl.PluralRules, key: string, values: Values = {}): string {
  const { count } = values;
  const counted = typeof count === "number" ? find(texts, `${key}_${plurals.select(count)}`) : undefined;
  const text = counted ?? find(texts, key) ?? key;
  return text.replaceAll(/\{\{(\w+)\}\}/g, (gap, name: string) => String(values[name] ?? gap));
}

function find(texts: Texts, key: string): string | undefined {
  let found: string | Texts | undefined = texts;
  for (const part of key.split(".")) found = typeof found === "object" ? found[part] : undefined;
  return typeof found === "string" ? found : undefined;
}

/** Shops write “colour” or “Colour”; as a title both are “Colour”. */
export const capitalize = (name: string): string => name.slice(0, 1).toLocaleUpperCase() + name.slice(1);
