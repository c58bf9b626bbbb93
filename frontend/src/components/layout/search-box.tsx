import { History, Search, Trash2 } from "lucide-react";
import { type KeyboardEvent, useId, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";

import { ProductPicture } from "@/components/products/product-picture";
import { ProductPrice } from "@/components/products/product-price";
import { useSuggestions } from "@/hooks/use-suggestions";
import { useTranslation } from "@/hooks/use-translation";
import { buildCategoryAddress } from "@/services/categories";
import { forgetSearches, useRecentSearches } from "@/services/recent-searches";
import type { Suggestion } from "@/services/search";

const mostRecent = 3;

/** A line of the list: something to go to, an earlier search, or the way to forget those. */
interface Option {
  kind: Suggestion["kind"] | "recent" | "forget";
  text: string;
  product?: Suggestion["product"];
}

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
  const options = useOptions(words, open);
  const isOpen = open && options.length > 0;
  const activeOption = isOpen ? options[active] : undefined;

  const close = () => {
    setOpen(false);
    setActive(-1);
  };
  const choose = (option: Option) => {
    close();
    if (option.kind === "forget") forgetSearches();
    else void navigate(buildAddress(option));
  };
  const submit = () => {
    if (activeOption !== undefined) choose(activeOption);
    else if (words.trim() !== "") choose({ kind: "query", text: words.trim() });
  };
  const handleKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      // One position more than options: the field itself, between the last and the first.
      const positions = options.length + 1;
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
        aria-activedescendant={activeOption && `${list}-${active}`}
        maxLength={200}
        autoComplete="off"
        enterKeyHint="search"
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
          setOpen(true);
          setActive(-1);
        }}
        onFocus={() => {
          // Earlier searches are there before anything is typed.
          if (words === "") setOpen(true);
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
        {options.map((option, position) => (
          // Keys are handled by the field; the options only need pointer events.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            key={`${option.kind} ${option.product?.id ?? option.text}`}
            id={`${list}-${position}`}
            role="option"
            tabIndex={-1}
            aria-selected={position === active}
            onPointerDown={(event) => {
              event.preventDefault();
            }}
            onClick={() => {
              choose(option);
            }}
            className="flex min-h-11 cursor-pointer items-center gap-3 px-5 py-1 text-sm hover:bg-sunken aria-selected:bg-accent-soft"
          >
            <OptionRow option={option} />
          </div>
        ))}
      </div>
    </form>
  );
}

/** What stands in the list for the words: earlier searches that begin like them, and suggestions. */
function useOptions(words: string, isOpen: boolean): Option[] {
  const { t } = useTranslation();
  const suggestions = useSuggestions(isOpen ? words : "");
  const searches = useRecentSearches();
  const typed = words.trim().toLowerCase();
  if (typed === "") {
    const recent = searches.map((text): Option => ({ kind: "recent", text }));
    return recent.length > 0 ? [...recent, { kind: "forget", text: t("header.forget") }] : [];
  }
  const recent = searches
    .filter((text) => text.toLowerCase().startsWith(typed) && text.toLowerCase() !== typed)
    .slice(0, mostRecent);
  return [
    ...recent.map((text): Option => ({ kind: "recent", text })),
    ...suggestions.filter(({ kind, text }) => kind !== "query" || !recent.includes(text)),
  ];
}

const icons: Partial<Record<Option["kind"], typeof Search>> = { recent: History, forget: Trash2, query: Search };

function OptionRow({ option: { kind, text, product } }: { option: Option }) {
  const { t } = useTranslation();
  if (product) {
    return (
      <>
        <ProductPicture product={product} sizes="2.75rem" className="@container w-11 shrink-0 rounded-lg! [&_span]:text-lg!" />
        <span className="min-w-0 flex-1 truncate">{text}</span>{" "}
        <ProductPrice product={product} className="font-semibold" />
      </>
    );
  }
  const Icon = icons[kind];
  return (
    <>
      {Icon && <Icon aria-hidden="true" size={16} className="shrink-0 text-muted" />}
      <span className="min-w-0 flex-1 truncate">{text}</span>{" "}
      {kind !== "forget" && kind !== "product" && (
        <span className="shrink-0 text-xs text-muted">{t(`header.suggestionKinds.${kind}`)}</span>
      )}
    </>
  );
}

function buildAddress({ kind, text, product }: Option): string {
  if (kind === "category") return buildCategoryAddress(text);
  if (product) return `/product/${product.id}`;
  if (kind === "brand") return `/products?${new URLSearchParams({ brand: text })}`;
  return `/search?${new URLSearchParams({ q: text })}`;
}
