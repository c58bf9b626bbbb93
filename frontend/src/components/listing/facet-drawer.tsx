import * as Dialog from "@radix-ui/react-dialog";

import { FacetPanel } from "@/components/listing/facet-panel";
import { Button } from "@/components/ui/button";
import { Drawer } from "@/components/ui/drawer";
import type { Listing } from "@/hooks/use-listing-filter";
import { useTranslation } from "@/hooks/use-translation";
import type { Facets } from "@/services/products";

export interface FacetDrawerProps {
  facets: Facets;
  listing: Listing;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** The facets in a drawer, where there is no room beside the products; loaded when it is first opened. */
export default function FacetDrawer({ facets, listing, open, onOpenChange }: FacetDrawerProps) {
  const { t } = useTranslation();
  return (
    <Drawer side="right" title={t("listing.filters")} open={open} onOpenChange={onOpenChange}>
      <div className="flex-1 overflow-y-auto px-5 py-3">
        <FacetPanel facets={facets} listing={listing} />
      </div>
      <div className="flex gap-3 border-t border-line px-5 py-4">
        {listing.isFiltered && (
          <Button variant="outline" onClick={listing.clear}>
            {t("listing.clear")}
          </Button>
        )}
        <Dialog.Close asChild>
          <Button className="flex-1">{t("facets.show", { count: facets.product_count })}</Button>
        </Dialog.Close>
      </div>
    </Drawer>
  );
}
