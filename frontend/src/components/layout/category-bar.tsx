import { Link, useLocation, useParams } from "react-router";

import { Skeleton } from "@/components/ui/skeleton";
import { useTranslation } from "@/hooks/use-translation";
import { useCategories } from "@/services/categories";

const link =
  "inline-flex min-h-10 items-center whitespace-nowrap border-b-2 border-transparent px-1 text-sm " +
  "text-muted hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink";

/** Links to every category; where they cannot be fetched, only the link to all products. */
export function CategoryBar() {
  const { t } = useTranslation();
  const categories = useCategories();
  const { pathname } = useLocation();
  const { category } = useParams();
  const current = (isCurrent: boolean) => (isCurrent ? "page" : undefined);
  return (
    <nav aria-label={t("header.categories")} className="border-b border-line">
      <ul className="page flex gap-4 overflow-x-auto [scrollbar-width:none] sm:gap-5">
        <li>
          <Link to="/products" className={link} aria-current={current(pathname === "/products")}>
            {t("header.all")}
          </Link>
        </li>
        {categories.data?.categories.map(({ name }) => (
          <li key={name}>
            <Link
              to={`/category/${encodeURIComponent(name)}`}
              className={link}
              aria-current={current(name === category)}
            >
              {name}
            </Link>
          </li>
        ))}
        {categories.isPending &&
          Array.from({ length: 8 }, (_, position) => (
            <li key={position} className="flex min-h-10 items-center">
              <Skeleton className="h-4 w-20" />
            </li>
          ))}
      </ul>
    </nav>
  );
}
