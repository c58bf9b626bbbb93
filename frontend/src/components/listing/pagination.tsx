import { ChevronLeft, ChevronRight } from "lucide-react";

import { ButtonLink } from "@/components/ui/button";
import { useTranslation } from "@/hooks/use-translation";

interface PaginationProps {
  page: number;
  pages: number;
  address: (page: number) => string;
}

export function Pagination({ page, pages, address }: PaginationProps) {
  const { t } = useTranslation();
  if (pages <= 1) return null;
  return (
    <nav
      aria-label={t("listing.pages")}
      className="mt-12 flex items-center justify-between gap-4 border-t border-line pt-6 text-sm"
    >
      <span className="flex-1">
        {page > 1 && (
          <ButtonLink variant="outline" rel="prev" to={address(page - 1)}>
            <ChevronLeft aria-hidden="true" size={16} />
            {t("listing.previous")}
          </ButtonLink>
        )}
      </span>
      <span className="text-muted tabular-nums">{t("listing.page", { page, pages })}</span>
      <span className="flex flex-1 justify-end">
        {page < pages && (
          <ButtonLink variant="outline" rel="next" to={address(page + 1)}>
            {t("listing.next")}
            <ChevronRight aria-hidden="true" size={16} />
          </ButtonLink>
        )}
      </span>
    </nav>
  );
}
