import { Search } from "lucide-react";
import { type KeyboardEvent, useId, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";

import { useSuggestions } from "@/hooks/use-suggestions";
import { buildCategoryAddress } from "@/services/categories";
import { useTranslation } from "@/hooks/use-translation";
import type { Suggestion } from "@/services/search";

/** The search field of the header. It starts with the words of the address. */
export function SearchBox() {
  const [parameters] = useSearchParams();
  const searched = parameters.get("q") ?? "";
  return <Combobox key={searched} searched={searched} />;
}

/** A field with suggestions. Arrow keys choose one while the focus stays in the field. */
function Combobox({ searched }: { searched: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const list = useId();
  const [words, setWords] = useState(searched);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const suggestions = useSuggestions(open ? words : "");
  const isOpen = open && suggestions.length > 0;
  const activeSuggestion = isOpen ? suggestions[active] : undefined;

  const close = () => {
    setOpen(false);
    setActive(-1);
  };
  const goTo = (address: string) => {
    close();
    void navigate(address);
  };
  const submit = () => {
    if (activeSuggestion !== undefined) goTo(buildSuggestionAddress(activeSuggestion));
    else if (words.trim() !== "") goTo(buildSearchAddress(words.trim()));
  };
  const handleKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      // One position more than suggestions: the field itself, between the last and the first.
      const positions = suggestions.length + 1;
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive(((active + 1 + step + positions) % positions) - 1);
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
        aria-expanded={isOpen}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={activeSuggestion && `${list}-${active}`}
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
        onKeyDown={handleKeyDown}
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
        hidden={!isOpen}
        className="absolute inset-x-0 top-full z-30 mt-2 overflow-hidden rounded-2xl border border-line bg-surface py-2 shadow-lg"
      >
        {suggestions.map((suggestion, position) => (
          // Keys are handled by the field; the options only need pointer events.
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
              goTo(buildSuggestionAddress(suggestion));
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

const buildSearchAddress = (words: string) => `/search?${new URLSearchParams({ q: words })}`;

function buildSuggestionAddress({ kind, text, product_id }: Suggestion): string {
  if (kind === "category") return buildCategoryAddress(text);
  if (kind === "product" && product_id !== null) return `/product/${product_id}`;
  if (kind === "brand") return `/products?${new URLSearchParams({ brand: text })}`;
  return buildSearchAddress(text);
}
