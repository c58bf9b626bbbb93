import { useLocation, useParams } from "react-router";

import { ProductDetails } from "@/components/products/product-details";
import { ProductDetailsSkeleton } from "@/components/products/product-details-skeleton";
import { LooksLike } from "@/components/recommendations/looks-like";
import { PageRails } from "@/components/recommendations/page-rails";
import { HomeRail } from "@/components/recommendations/home-rail";
import { ButtonLink } from "@/components/ui/button";
import { QueryStates } from "@/components/ui/query-states";
import { useRecordView } from "@/hooks/use-record-view";
import { useTranslation } from "@/hooks/use-translation";
import { ApiError } from "@/services/client";
import type { ListPosition } from "@/services/events";
import { useProduct } from "@/services/products";
import { useProductLists } from "@/services/recommendations";
import type { Product } from "@/services/types";

export default function ProductPage() {
  const { t } = useTranslation();
  const { id = "" } = useParams();
  const isNumber = /^\d{1,15}$/.test(id);
  const product = useProduct(Number(id), isNumber);
  const missing =
    !isNumber || (product.error instanceof ApiError && product.error.status === 404);
  if (missing) {
    return (
      <>
        <title>{t("title", { page: t("product.gone") })}</title>
        <h1 className="max-w-[18ch] pt-6 text-2xl sm:text-3xl">{t("product.gone")}</h1>
        <p className="mt-4 mb-6 max-w-prose text-muted">{t("product.goneText")}</p>
        <ButtonLink to="/products">{t("hero.browse")}</ButtonLink>
        <HomeRail />
      </>
    );
  }
  return (
    <QueryStates query={product} loading={<ProductDetailsSkeleton />}>
      {(data) => <LoadedProduct key={data.id} product={data} />}
    </QueryStates>
  );
}

function LoadedProduct({ product }: { product: Product }) {
  const { t } = useTranslation();
  const lists = useProductLists(product.id);
  const { state } = useLocation() as { state: { listPosition?: ListPosition } | null };
  useRecordView(product.id, state?.listPosition);
  return (
    <>
      <title>{t("title", { page: product.name })}</title>
      <ProductDetails product={product} listPosition={state?.listPosition} />
      <div className="mt-16 grid grid-cols-1 gap-14 sm:mt-20">
        <LooksLike product={product} />
        <PageRails lists={lists} fallback={{ category: product.category }} exclude={[product.id]} />
      </div>
    </>
  );
}
