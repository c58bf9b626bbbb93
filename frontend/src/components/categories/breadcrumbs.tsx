import { ChevronRight } from "lucide-react";
import { Link } from "react-router";

import { useTranslation } from "@/hooks/use-translation";
import { buildCategoryAddress, getCategoryName, splitPath } from "@/services/categories";
import { shop } from "@/services/shop";

interface BreadcrumbsProps {
  /** The path of the category that leads to the page, or that the page shows. */
  category: string;
  /** The name of the page below the category; without it, the page is the category's own. */
  page?: string;
}

/** Where a page lies: the shop, and every level of a category. */
export function Breadcrumbs({ category, page }: BreadcrumbsProps) {
  const { t } = useTranslation();
  const levels = splitPath(category);
  const above = page === undefined ? levels.slice(0, -1) : levels;
  return (
    <nav aria-label={t("product.breadcrumbs")} className="mb-4 text-sm text-muted sm:mb-6">
      <ol className="flex flex-wrap items-center gap-1">
        <li>
          <Link to="/" className="inline-flex min-h-6 items-center underline-offset-4 hover:underline">
            {shop.name}
          </Link>
        </li>
        {above.map((level) => (
          <li key={level} className="flex min-w-0 items-center gap-1">
            <ChevronRight aria-hidden="true" size={14} className="shrink-0" />
            <Link
              to={buildCategoryAddress(level)}
              className="inline-flex min-h-6 min-w-0 items-center wrap-anywhere underline-offset-4 hover:underline"
            >
              {getCategoryName(level)}
            </Link>
          </li>
        ))}
        <li className="flex min-w-0 items-center gap-1" aria-current="page">
          <ChevronRight aria-hidden="true" size={14} className="shrink-0" />
          <span className="truncate text-ink">{page ?? getCategoryName(category)}</span>
        </li>
      </ol>
    </nav>
  );
}
