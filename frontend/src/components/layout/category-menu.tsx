import { ArrowLeft, ChevronRight } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Link } from "react-router";

import { Drawer } from "@/components/ui/drawer";
import { QueryStates } from "@/components/ui/query-states";
import { Skeleton } from "@/components/ui/skeleton";
import { useTranslation } from "@/hooks/use-translation";
import {
  buildCategoryAddress,
  getCategoryName,
  splitPath,
  useCategories,
} from "@/services/categories";
import type { Category } from "@/services/types";

const maxMatches = 50;
const row =
  "flex min-h-11 w-full items-center justify-between gap-4 rounded-xl px-3 py-2 text-left text-sm hover:bg-sunken";

interface CategoryMenuProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** All categories, level by level, with a search; its code is loaded when it is first opened. */
export default function CategoryMenu({ open, onOpenChange }: CategoryMenuProps) {
  const { t } = useTranslation();
  const categories = useCategories(undefined);
  return (
    <Drawer side="left" title={t("categories.title")} open={open} onOpenChange={onOpenChange}>
      <QueryStates
        query={categories}
        loading={
          <div className="grid gap-3 p-5">
            {Array.from({ length: 8 }, (_, position) => (
              <Skeleton key={position} className="h-8" />
            ))}
          </div>
        }
      >
        {(data) => (
          <Levels
            categories={data.categories}
            onNavigate={() => {
              onOpenChange(false);
            }}
          />
        )}
      </QueryStates>
    </Drawer>
  );
}

interface LevelsProps {
  categories: Category[];
  onNavigate: () => void;
}

function Levels({ categories, onNavigate }: LevelsProps) {
  const { t } = useTranslation();
  const [path, setPath] = useState("");
  const [words, setWords] = useState("");
  const list = useRef<HTMLUListElement>(null);
  /** The row that gets the focus after the level has changed: a path, or "" for the first row. */
  const toFocus = useRef<string>(undefined);
  const above = splitPath(path).at(-2) ?? "";
  const isSearching = words.trim() !== "";
  const matches = isSearching ? findMatches(categories, words) : [];
  const shown = isSearching
    ? matches.slice(0, maxMatches)
    : categories.filter(({ parent }) => (parent ?? "") === path);

  useEffect(() => {
    if (toFocus.current === undefined) return;
    const rows = listRows(list.current);
    (rows.find((one) => one.dataset.path === toFocus.current) ?? rows[0])?.focus();
    toFocus.current = undefined;
  }, [path]);

  const goTo = (level: string, focused: string) => {
    toFocus.current = focused;
    setPath(level);
  };
  const goBack = () => {
    goTo(above, path);
  };
  const handleKeyDown = (event: KeyboardEvent) => {
    const rows = listRows(list.current);
    const position = rows.findIndex((one) => one === document.activeElement);
    if (event.key === "ArrowDown") rows[Math.min(position + 1, rows.length - 1)]?.focus();
    else if (event.key === "ArrowUp") rows[Math.max(position - 1, 0)]?.focus();
    else if (event.key === "ArrowLeft" && position >= 0 && path !== "" && !isSearching) goBack();
    else if (event.key === "ArrowRight" && rows[position]?.tagName === "BUTTON") rows[position].click();
    else return;
    event.preventDefault();
  };

  return (
    // The rows have the focus; their container only moves it.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className="flex min-h-0 flex-1 flex-col" onKeyDown={handleKeyDown}>
      <div className="grid gap-2 px-5 pt-4 pb-2">
        <input
          type="search"
          aria-label={t("categories.search")}
          placeholder={t("categories.search")}
          value={words}
          maxLength={200}
          onChange={(event) => {
            setWords(event.target.value);
          }}
          onKeyDown={(event) => {
            // Here the arrows to the sides move within the text.
            if (event.key === "ArrowLeft" || event.key === "ArrowRight") event.stopPropagation();
          }}
          className="h-11 w-full rounded-full border border-transparent bg-sunken px-5 text-sm placeholder:text-muted focus:border-line focus:bg-surface"
        />
        {path !== "" && !isSearching && (
          <button type="button" onClick={goBack} className={`${row} justify-start! gap-2 text-muted`}>
            <ArrowLeft aria-hidden="true" size={16} />
            {t("categories.back", { name: above === "" ? t("categories.title") : getCategoryName(above) })}
          </button>
        )}
        <p role="status" className="sr-only">
          {isSearching ? t("categories.found", { count: matches.length }) : getCategoryName(path)}
        </p>
      </div>
      <div className="flex-1 overflow-y-auto px-5 pt-1 pb-6">
        <ul ref={list}>
          {path !== "" && !isSearching && (
            <li>
              <Link to={buildCategoryAddress(path)} onClick={onNavigate} className={`${row} font-semibold`}>
                {t("categories.everything", { name: getCategoryName(path) })}
              </Link>
            </li>
          )}
          {shown.map((one) => (
            <li key={one.path}>
              {one.child_count > 0 && !isSearching ? (
                <button
                  type="button"
                  data-path={one.path}
                  aria-haspopup="true"
                  onClick={() => {
                    goTo(one.path, "");
                  }}
                  className={row}
                >
                  <RowText category={one} isMatch={false} />
                  <ChevronRight aria-hidden="true" size={16} className="shrink-0 text-muted" />
                </button>
              ) : (
                <Link
                  to={buildCategoryAddress(one.path)}
                  data-path={one.path}
                  onClick={onNavigate}
                  className={row}
                >
                  <RowText category={one} isMatch={isSearching} />
                </Link>
              )}
            </li>
          ))}
        </ul>
        {isSearching && matches.length === 0 && (
          <p className="px-3 py-2 text-sm text-muted">{t("categories.none")}</p>
        )}
        {matches.length > maxMatches && (
          <p className="px-3 py-2 text-sm text-muted">
            {t("categories.more", { count: matches.length - maxMatches })}
          </p>
        )}
      </div>
    </div>
  );
}

/** The name and the number of products; a match of a search also says where it lies. */
function RowText({ category, isMatch }: { category: Category; isMatch: boolean }) {
  return (
    <span className="flex min-w-0 flex-1 items-baseline justify-between gap-3">
      <span className="min-w-0 wrap-break-word">
        {category.name}
        {isMatch && category.parent !== null && (
          <span className="block text-xs text-muted">{category.parent}</span>
        )}
      </span>
      <span className="text-xs text-muted tabular-nums">{category.product_count}</span>
    </span>
  );
}

const listRows = (list: HTMLUListElement | null): HTMLElement[] => [
  ...(list?.querySelectorAll<HTMLElement>("a, button") ?? []),
];

/** Categories whose name has every word, at any level; names that begin with the words stand first. */
function findMatches(categories: Category[], words: string): Category[] {
  const typed = words.trim().toLocaleLowerCase();
  const terms = typed.split(/\s+/);
  const found = categories.filter(({ name }) => {
    const lower = name.toLocaleLowerCase();
    return terms.every((term) => lower.includes(term));
  });
  const rank = ({ name }: Category) => (name.toLocaleLowerCase().startsWith(typed) ? 0 : 1);
  return found.sort((one, other) => rank(one) - rank(other));
}
