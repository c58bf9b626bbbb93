import { Link } from "react-router";

import { useTranslation } from "@/hooks/use-translation";
import { buildCategoryAddress, useCategories } from "@/services/categories";
import type { Category } from "@/services/types";

const sharedLetters = 4;
const most = 8;

/** Links to categories whose names begin like the words, or else to the highest ones. */
export function NearCategories({ words }: { words: string }) {
  const { t } = useTranslation();
  const categories = useCategories(undefined).data?.categories ?? [];
  const near = findNear(categories, words);
  const shown = near.length > 0 ? near : categories.filter(({ parent }) => parent === null);
  if (shown.length === 0) return null;
  return (
    <nav aria-labelledby="near-categories" className="mt-8">
      <h2 id="near-categories" className="mb-3 text-lg">
        {t("search.near")}
      </h2>
      <ul className="flex flex-wrap gap-2">
        {shown.slice(0, most).map(({ path, name, product_count: count }) => (
          <li key={path}>
            <Link
              to={buildCategoryAddress(path)}
              className="inline-flex min-h-11 items-center gap-2 rounded-full border border-line bg-surface px-4 text-sm hover:border-ink"
            >
              {name}
              <span className="text-xs text-muted tabular-nums">{count}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function findNear(categories: Category[], words: string): Category[] {
  const begin = (text: string) =>
    text
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word.length >= sharedLetters)
      .map((word) => word.slice(0, sharedLetters));
  const asked = new Set(begin(words));
  return categories.filter(({ name }) => begin(name).some((beginning) => asked.has(beginning)));
}
