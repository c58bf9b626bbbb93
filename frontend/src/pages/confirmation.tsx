import "@/i18n/account";
import "@/i18n/checkout";

import { useParams } from "react-router";

import { OrderSummary } from "@/components/orders/order-summary";
import { PageRails } from "@/components/recommendations/page-rails";
import { ButtonLink } from "@/components/ui/button";
import { QueryStates } from "@/components/ui/query-states";
import { Skeleton } from "@/components/ui/skeleton";
import { useTranslation } from "@/hooks/use-translation";
import { useOrders } from "@/services/orders";
import { useListsAfterOrder, useCartRecommendationIds } from "@/services/recommendations";
import { shop } from "@/services/shop";
import { usePersonalizationEnabled } from "@/services/shoppers";

export default function ConfirmationPage() {
  const { t, language } = useTranslation();
  const date = new Intl.DateTimeFormat(language, { dateStyle: "long" });
  const { id } = useParams();
  const orders = useOrders();
  const isPersonal = usePersonalizationEnabled();
  const lists = useListsAfterOrder();
  const cartRecommendationIds = useCartRecommendationIds();
  const bought = orders.data?.orders.find((order) => String(order.id) === id)?.lines ?? [];
  return (
    <>
      <div className="mx-auto max-w-xl">
        <QueryStates query={orders} loading={<Skeleton className="h-72 rounded-tile!" />}>
          {(data) => {
            const order = data.orders.find(({ id: orderId }) => String(orderId) === id);
            if (order === undefined) {
              return (
                <>
                  <title>{t("title", { page: t("checkout.unknown") })}</title>
                  <h1 className="text-2xl sm:text-3xl">{t("checkout.unknown")}</h1>
                  <p className="mt-4 mb-6 text-muted">{t("checkout.unknownText")}</p>
                  <div className="flex flex-wrap gap-3">
                    <ButtonLink to="/account">{t("checkout.orders")}</ButtonLink>
                    <ButtonLink variant="outline" to="/">
                      {t("notFound.home")}
                    </ButtonLink>
                  </div>
                </>
              );
            }
            return (
              <>
                <title>{t("title", { page: t("checkout.number", { id: order.id }) })}</title>
                <p className="text-sm text-muted">
                  {t("checkout.number", { id: order.id })} ·{" "}
                  {t("account.orderDate", { date: date.format(new Date(order.created_at)) })}
                </p>
                <h1 className="mt-1 mb-6 text-2xl sm:text-3xl">{t("checkout.thanks")}</h1>
                <OrderSummary order={order} />
                {order.email !== "" && shop.sends_mail && (
                  <p className="mt-6">{t("checkout.mailed", { email: order.email })}</p>
                )}
                {isPersonal && <p className="mt-6 text-muted">{t("checkout.next")}</p>}
                <ButtonLink to="/" className="mt-4">{t("checkout.home")}</ButtonLink>
              </>
            );
          }}
        </QueryStates>
      </div>
      {bought.length > 0 && (
        <div className="mt-16">
          <PageRails
            lists={lists}
            fallback={{}}
            exclude={[...bought.flatMap(({ product_id }) => product_id ?? []), ...cartRecommendationIds]}
          />
        </div>
      )}
    </>
  );
}
