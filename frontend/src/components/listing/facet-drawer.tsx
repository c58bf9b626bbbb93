import * as Dialog from "@radix-ui/react-dialog";
import { X } from "lucide-react";

import { FacetPanel } from "@/components/listing/facet-panel";
import { Button } from "@/components/ui/button";
import { useReturnFocus } from "@/hooks/use-return-focus";
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
  const focus = useReturnFocus();
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 animate-[fade-in_0.2s] bg-[rgb(8_14_17/0.55)]" />
        <Dialog.Content
          {...focus}
          aria-describedby={undefined}
          className="fixed inset-y-0 right-0 z-40 flex w-full max-w-md animate-[slide-in_0.28s_var(--ease-calm)] flex-col bg-paper shadow-2xl outline-none"
        >
          <div className="flex items-center justify-between border-b border-line px-5 py-3">
            <Dialog.Title className="text-lg">{t("listing.filters")}</Dialog.Title>
            <Dialog.Close
              aria-label={t("close")}
              className="-mr-2 grid size-11 place-items-center rounded-full hover:bg-sunken"
            >
              <X aria-hidden="true" size={20} />
            </Dialog.Close>
          </div>
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
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
