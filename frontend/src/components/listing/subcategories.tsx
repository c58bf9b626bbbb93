import { Link } from "react-router";

import { useTranslation } from "@/hooks/use-translation";
import { buildCategoryAddress, getCategoryName, useCategories } from "@/services/categories";

/** Links to the categories directly below one, with their numbers of products. */
export function Subcategories({ category }: { category: string }) {
  const { t } = useTranslation();
  const below = useCategories(category).data?.categories ?? [];
  if (below.length === 0) return null;
  return (
    <nav aria-label={t("categories.below", { name: getCategoryName(category) })} className="mb-6">
      <ul className="-m-1 flex gap-2 overflow-x-auto p-1 [scrollbar-width:none] sm:flex-wrap">
        {below.map((one) => (
          <li key={one.path} className="shrink-0">
            <Link
              to={buildCategoryAddress(one.path)}
              className="inline-flex min-h-11 items-center gap-2 rounded-full border border-line bg-surface px-4 text-sm hover:border-ink"
            >
              {one.name}
              <span className="text-xs text-muted tabular-nums">{one.product_count}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
