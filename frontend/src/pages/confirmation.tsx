import { useTranslation } from "react-i18next";
import { useParams } from "react-router";

import { OrderSummary } from "@/components/orders/order-summary";
import { Rail } from "@/components/recommendations/rail";
import { useListWords } from "@/components/recommendations/use-list-words";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { QueryFaces } from "@/components/ui/query-faces";
import { Skeleton } from "@/components/ui/skeleton";
import { useOrders } from "@/services/orders";
import { useForYou, useShownComplements } from "@/services/recommendations";

export default function ConfirmationPage() {
  const { t } = useTranslation();
  const { id } = useParams();
  const orders = useOrders();
  const forYou = useForYou();
  const { note } = useListWords();
  const shownByCart = useShownComplements();
  const bought = orders.data?.orders.find((placed) => String(placed.id) === id)?.lines ?? [];
  return (
    <>
      <div className="mx-auto max-w-xl">
        <QueryFaces query={orders} loading={<Skeleton className="h-72 rounded-tile!" />}>
          {(data) => {
            const order = data.orders.find((placed) => String(placed.id) === id);
            if (order === undefined) {
              return (
                <Notice
                  title={t("checkout.unknown")}
                  action={
                    <ButtonLink look="outline" to="/">
                      {t("notFound.home")}
                    </ButtonLink>
                  }
                >
                  {t("checkout.unknownText")}
                </Notice>
              );
            }
            return (
              <>
                <title>{t("title", { page: t("checkout.number", { id: order.id }) })}</title>
                <p className="text-sm text-muted">{t("checkout.number", { id: order.id })}</p>
                <h1 className="mt-1 mb-6 text-2xl sm:text-3xl">{t("checkout.thanks")}</h1>
                <OrderSummary order={order} />
                <p className="mt-6 mb-4 text-muted">{t("checkout.next")}</p>
                <ButtonLink to="/">{t("checkout.home")}</ButtonLink>
              </>
            );
          }}
        </QueryFaces>
      </div>
      {bought.length > 0 && (
        <div className="mt-16">
          <Rail
            query={forYou}
            title={() => t("rail.afterOrder")}
            note={note}
            without={[...bought.flatMap(({ product_id }) => product_id ?? []), ...shownByCart]}
          />
        </div>
      )}
    </>
  );
}
