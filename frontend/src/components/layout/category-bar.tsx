import { Menu } from "lucide-react";
import { useEffect, useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";

import { lazyPart } from "@/components/ui/lazy-part";
import { Skeleton } from "@/components/ui/skeleton";
import { useTranslation } from "@/hooks/use-translation";
import {
  buildCategoryAddress,
  readCategoryAddress,
  splitPath,
  useCategories,
} from "@/services/categories";

/** The server renders as many; the menu has all. */
const maxLinks = 20;

const link =
  "inline-flex min-h-10 items-center whitespace-nowrap border-b-2 border-transparent px-1 text-sm " +
  "text-muted hover:text-ink aria-[current]:border-accent aria-[current]:text-ink " +
  "forced-colors:border-[Canvas] forced-colors:aria-[current]:border-[Highlight]";

interface MenuProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

const CategoryMenu = lazyPart<MenuProps>(
  () => import("@/components/layout/category-menu"),
  ProductsInstead,
);

/** Where the menu's code cannot be fetched, all products are shown. */
function ProductsInstead({ open, onOpenChange }: MenuProps) {
  const navigate = useNavigate();
  useEffect(() => {
    if (!open) return;
    onOpenChange(false);
    void navigate("/products");
  }, [open, onOpenChange, navigate]);
  return null;
}

/** Links to the highest categories; where they cannot be fetched, only to all products. */
export function CategoryBar() {
  const { t } = useTranslation();
  const categories = useCategories("");
  const { pathname } = useLocation();
  const [menu, setMenu] = useState<"unopened" | "open" | "closed">("unopened");
  const path = readCategoryAddress(pathname);
  const found = categories.data?.categories ?? [];
  const hasMenu = found.length > maxLinks || found.some(({ child_count }) => child_count > 0);
  const current = (top: string) => {
    if (top === path) return "page";
    return top === splitPath(path ?? "")[0] ? "true" : undefined;
  };
  return (
    <nav aria-label={t("header.categories")} className="border-b border-line">
      <ul className="page flex gap-4 overflow-x-auto [scrollbar-width:none] sm:gap-5">
        {hasMenu && (
          <li className="sticky left-0 z-10 bg-paper pr-1">
            <button
              type="button"
              aria-haspopup="dialog"
              onClick={() => {
                setMenu("open");
              }}
              className="inline-flex min-h-10 items-center gap-2 whitespace-nowrap text-sm font-semibold hover:text-accent"
            >
              <Menu aria-hidden="true" size={16} />
              {t("header.categories")}
            </button>
          </li>
        )}
        <li>
          <Link
            to="/products"
            className={link}
            aria-current={pathname === "/products" ? "page" : undefined}
          >
            {t("header.all")}
          </Link>
        </li>
        {found.slice(0, maxLinks).map((one) => (
          <li key={one.path}>
            <Link
              to={buildCategoryAddress(one.path)}
              className={link}
              aria-current={current(one.path)}
            >
              {one.name}
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
      {menu !== "unopened" && (
        <CategoryMenu
          open={menu === "open"}
          onOpenChange={(open) => {
            setMenu(open ? "open" : "closed");
          }}
        />
      )}
    </nav>
  );
}
