import { Fragment } from "react";

const word = /[\p{L}\p{N}]+/gu;
const fold = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** A text in which the words of a search are marked; `terms` are whole words, in lower case. */
export function Marked({ text, terms }: { text: string; terms: readonly string[] }) {
  const known = new Set(terms.map(fold));
  const parts: { text: string; isMatch: boolean }[] = [];
  let end = 0;
  for (const match of text.matchAll(word)) {
    parts.push({ text: text.slice(end, match.index), isMatch: false });
    end = match.index + match[0].length;
    parts.push({ text: match[0], isMatch: known.has(fold(match[0])) });
  }
  parts.push({ text: text.slice(end), isMatch: false });
  return parts.map((part, position) =>
    part.isMatch ? (
      <mark key={position} className="rounded-sm bg-accent-soft text-inherit">
        {part.text}
      </mark>
    ) : (
      <Fragment key={position}>{part.text}</Fragment>
    ),
  );
}
