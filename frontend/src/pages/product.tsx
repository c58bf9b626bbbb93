import { useTranslation } from "react-i18next";
import { useLocation, useParams } from "react-router";

import { ProductDetails } from "@/components/products/product-details";
import { ProductDetailsSkeleton } from "@/components/products/product-details-skeleton";
import { Rail } from "@/components/recommendations/rail";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { QueryFaces } from "@/components/ui/query-faces";
import { useRecordView } from "@/hooks/use-record-view";
import { ApiError } from "@/services/client";
import type { Served } from "@/services/events";
import { useProduct } from "@/services/products";
import { useBoughtTogether, useSimilarProducts } from "@/services/recommendations";
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
        <Notice
          title={t("product.gone")}
          action={<ButtonLink to="/products">{t("hero.browse")}</ButtonLink>}
        >
          {t("product.goneText")}
        </Notice>
      </>
    );
  }
  return (
    <QueryFaces query={product} loading={<ProductDetailsSkeleton />}>
      {(data) => <Shown key={data.id} product={data} />}
    </QueryFaces>
  );
}

function Shown({ product }: { product: Product }) {
  const { t } = useTranslation();
  const similar = useSimilarProducts(product.id);
  const together = useBoughtTogether(product.id);
  const { state } = useLocation() as { state: { served?: Served } | null };
  useRecordView(product.id, state?.served);
  return (
    <>
      <title>{t("title", { page: product.name })}</title>
      <ProductDetails product={product} />
      <div className="mt-16 grid grid-cols-1 gap-14 sm:mt-20">
        {together.data !== undefined && together.data.recommendations.length > 0 && (
          <Rail query={together} title={() => t("rail.boughtTogether")} />
        )}
        <Rail
          query={similar}
          title={(list) =>
            t(list?.source === "popular" || list?.source === "trending" ? "rail.alsoPopular" : "rail.similar")
          }
        />
      </div>
    </>
  );
}
