const formats = new Map<string, Intl.NumberFormat>();

/** Return a number format, made once: making one takes a phone longer than rendering a product. */
export function numberFormat(language: string, options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  const key = language + JSON.stringify(options);
  const known = formats.get(key);
  if (known !== undefined) return known;
  const format = new Intl.NumberFormat(language, options);
  formats.set(key, format);
  return format;
}
