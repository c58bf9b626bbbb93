import { ScanEye } from "lucide-react";
import { useId, useState } from "react";

import { Carousel } from "@/components/recommendations/carousel";
import { Rail, RailSkeleton } from "@/components/recommendations/rail";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { QueryStates } from "@/components/ui/query-states";
import { useTranslation } from "@/hooks/use-translation";
import { useRecentlyHiddenProducts } from "@/services/hidden-products";
import { useLookalikes } from "@/services/recommendations";
import type { NamedList, Product } from "@/services/types";

/** A button that opens and closes the products that look like one; nothing for a product without any. */
export function LooksLike({ product }: { product: Product }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const rail = useId();
  if (!product.has_lookalikes) return null;
  return (
    <div className="grid grid-cols-1 justify-items-start gap-6">
      <Button
        variant="outline"
        aria-expanded={isOpen}
        aria-controls={isOpen ? rail : undefined}
        onClick={() => {
          setOpen(!isOpen);
        }}
      >
        <ScanEye aria-hidden="true" size={18} />
        {t(isOpen ? "product.hideLookalikes" : "product.showLookalikes")}
      </Button>
      {isOpen && (
        <div id={rail} className="w-full min-w-0">
          <Lookalikes productId={product.id} />
        </div>
      )}
    </div>
  );
}

function Lookalikes({ productId }: { productId: number }) {
  const { t } = useTranslation();
  const lookalikes = useLookalikes(productId);
  const nothing = <Notice title={t("rail.noLookalikes")} />;
  return (
    <QueryStates
      query={lookalikes}
      loading={
        <Carousel title={undefined}>
          <RailSkeleton lines={3} />
        </Carousel>
      }
      empty={{ when: ({ recommendations }) => recommendations.length === 0, show: nothing }}
    >
      {(list) => <LookalikesRail list={list} />}
    </QueryStates>
  );
}

function LookalikesRail({ list }: { list: NamedList }) {
  const { t } = useTranslation();
  const hiddenIds = new Set(useRecentlyHiddenProducts().map(({ id }) => id));
  const shown = list.recommendations.filter(({ product_id }) => !hiddenIds.has(product_id));
  if (shown.length === 0) return <Notice title={t("rail.noLookalikes")} />;
  return (
    <Rail title={t("rail.looksLike")} note={t("rail.explainLooksLike")} list={list} shown={shown} />
  );
}
