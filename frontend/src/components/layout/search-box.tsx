import { Search } from "lucide-react";
import { type KeyboardEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";

import { useSuggestions } from "@/hooks/use-suggestions";
import type { Suggestion } from "@/services/search";

/** The search field of the header; what was searched for lives in the address. */
export function SearchBox() {
  const [parameters] = useSearchParams();
  const searched = parameters.get("q") ?? "";
  return <Combobox key={searched} searched={searched} />;
}

/** A field whose suggestions are walked by the arrow keys while the focus stays in it. */
function Combobox({ searched }: { searched: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const list = useId();
  const [words, setWords] = useState(searched);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const suggestions = useSuggestions(open ? words : "");
  const shown = open && suggestions.length > 0;
  const chosen = shown ? suggestions[active] : undefined;

  const close = () => {
    setOpen(false);
    setActive(-1);
  };
  const go = (address: string) => {
    close();
    void navigate(address);
  };
  const submit = () => {
    if (chosen !== undefined) go(addressOf(chosen));
    else if (words.trim() !== "") go(searchAddress(words.trim()));
  };
  const walk = (event: KeyboardEvent) => {
    if (event.key === "Escape" && shown) {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      // One more place than suggestions: the field itself, between last and first.
      const places = suggestions.length + 1;
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive(((active + 1 + step + places) % places) - 1);
    }
  };

  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      className="relative w-full max-w-xl"
    >
      <label htmlFor="search" className="sr-only">
        {t("header.search")}
      </label>
      <input
        id="search"
        type="search"
        role="combobox"
        aria-expanded={shown}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={chosen && `${list}-${active}`}
        required
        maxLength={200}
        autoComplete="off"
        enterKeyHint="search"
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
          setOpen(true);
          setActive(-1);
        }}
        onKeyDown={walk}
        onBlur={close}
        placeholder={t("header.search")}
        className="h-11 w-full rounded-full border border-transparent bg-sunken pr-12 pl-5 text-sm placeholder:text-muted focus:border-line focus:bg-surface"
      />
      <button
        type="submit"
        aria-label={t("header.searchButton")}
        className="absolute inset-y-0 right-0 grid w-12 place-items-center rounded-full text-muted hover:text-ink"
      >
        <Search aria-hidden="true" size={18} />
      </button>
      <div
        id={list}
        role="listbox"
        aria-label={t("header.suggestions")}
        hidden={!shown}
        className="absolute inset-x-0 top-full z-30 mt-2 overflow-hidden rounded-2xl border border-line bg-surface py-2 shadow-lg"
      >
        {suggestions.map((suggestion, position) => (
          // The field's own keys choose an option; these are for the pointer.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            key={`${suggestion.kind} ${suggestion.product_id ?? suggestion.text}`}
            id={`${list}-${position}`}
            role="option"
            tabIndex={-1}
            aria-selected={position === active}
            onPointerDown={(event) => {
              event.preventDefault();
            }}
            onClick={() => {
              go(addressOf(suggestion));
            }}
            className="flex min-h-11 cursor-pointer items-center justify-between gap-4 px-5 text-sm hover:bg-sunken aria-selected:bg-accent-soft"
          >
            <span className="truncate">{suggestion.text}</span>
            <span className="shrink-0 text-xs text-muted">
              {t(`header.suggestionKinds.${suggestion.kind}`)}
            </span>
          </div>
        ))}
      </div>
    </form>
  );
}

const searchAddress = (words: string) => `/search?${new URLSearchParams({ q: words })}`;

function addressOf({ kind, text, product_id }: Suggestion): string {
  if (kind === "category") return `/category/${encodeURIComponent(text)}`;
  if (kind === "product" && product_id !== null) return `/product/${product_id}`;
  if (kind === "brand") return `/products?${new URLSearchParams({ brand: text })}`;
  return searchAddress(text);
}
