import { ArrowUpRight } from "lucide-react";
import { Link } from "react-router";

import { QueryStates } from "@/components/ui/query-states";
import { Skeleton } from "@/components/ui/skeleton";
import { buildCategoryAddress, useCategories } from "@/services/categories";
import { useTranslation } from "@/hooks/use-translation";

const grid = "grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-4";

export function CategoryTiles() {
  const { t } = useTranslation();
  const categories = useCategories("");
  return (
    <section aria-labelledby="categories">
      <h2 id="categories" className="mb-4 text-xl sm:text-2xl">
        {t("categories.title")}
      </h2>
      <QueryStates
        query={categories}
        loading={
          <div className={`${grid} pulse`}>
            {Array.from({ length: 12 }, (_, position) => (
              <Skeleton key={position} still className="h-[4.75rem] rounded-2xl!" />
            ))}
          </div>
        }
      >
        {(data) => (
          <ul className={grid}>
            {data.categories.map(({ path, name, product_count }) => (
              <li key={path}>
                <Link
                  to={buildCategoryAddress(path)}
                  className="group flex h-full min-h-[4.75rem] items-start justify-between gap-2 rounded-2xl border border-line bg-surface p-4 transition-colors hover:border-accent"
                >
                  <span className="min-w-0">
                    <span className="block font-display font-semibold hyphens-auto wrap-break-word">{name}</span>
                    <span className="text-xs text-muted">
                      {t("listing.count", { count: product_count })}
                    </span>
                  </span>
                  <ArrowUpRight
                    aria-hidden="true"
                    size={17}
                    className="shrink-0 text-muted transition-transform group-hover:translate-x-0.5 group-hover:-translate-y-0.5 group-hover:text-accent"
                  />
                </Link>
              </li>
            ))}
          </ul>
        )}
      </QueryStates>
    </section>
  );
}
