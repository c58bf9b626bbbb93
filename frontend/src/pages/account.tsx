import "@/i18n/account";
import "@/i18n/checkout";

import { useNavigate } from "react-router";

import { HiddenProducts, Likes } from "@/components/account/lists";
import { YourData } from "@/components/account/your-data";
import { OrderSummary } from "@/components/orders/order-summary";
import { Button, ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { QueryStates } from "@/components/ui/query-states";
import { Skeleton } from "@/components/ui/skeleton";
import { useToast } from "@/hooks/use-toast";
import { useTranslation } from "@/hooks/use-translation";
import { useOrders } from "@/services/orders";
import { useMe, useShopperName, useSignOut } from "@/services/shoppers";
import type { Me } from "@/services/types";

export default function AccountPage() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <>
      <title>{t("title", { page: t("account.title") })}</title>
      <h1 className="mb-6 text-2xl sm:mb-8 sm:text-3xl">{t("account.title")}</h1>
      <div className="grid grid-cols-1 gap-12 lg:grid-cols-[20rem_1fr]">
        <QueryStates query={me} loading={<Skeleton className="h-40 rounded-tile!" />}>
          {(data) => (data.is_authenticated ? <Shopper me={data} /> : <Visitor me={data} />)}
        </QueryStates>
        <div className="grid min-w-0 grid-cols-1 gap-14">
          <Likes />
          <Orders />
          <HiddenProducts />
          {me.data !== undefined && <YourData me={me.data} />}
        </div>
      </div>
    </>
  );
}

function Visitor({ me }: { me: Me }) {
  const { t } = useTranslation();
  return (
    <div className="self-start">
      <Notice
        title={t("account.visitor")}
        action={<ButtonLink to="/sign-in">{t("header.signIn")}</ButtonLink>}
      >
        {t(me.personalization_enabled ? "account.visitorText" : "account.visitorImpersonal")}
      </Notice>
    </div>
  );
}

function Shopper({ me }: { me: Me }) {
  const { t } = useTranslation();
  const toast = useToast();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const name = useShopperName();
  return (
    <div className="grid content-start gap-4 self-start rounded-tile border border-line bg-surface p-6">
      <p className="font-display text-lg font-semibold">{name}</p>
      {me.is_staff && (
        <a href="/admin/" className="text-sm underline underline-offset-4">
          {t("account.staff")}
        </a>
      )}
      <Button
        variant="outline"
        busy={signOut.isPending}
        onClick={() => {
          signOut.mutate(undefined, {
            onSuccess: () => {
              toast.show({ text: t("toast.signedOut") });
              void navigate("/");
            },
            onError: (error) => {
              toast.show({ text: t("toast.failed", { message: error.message }) });
            },
          });
        }}
      >
        {t("account.signOut")}
      </Button>
    </div>
  );
}

function Orders() {
  const { t, language } = useTranslation();
  const orders = useOrders();
  const date = new Intl.DateTimeFormat(language, { dateStyle: "long" });
  return (
    <section aria-labelledby="orders">
      <h2 id="orders" className="mb-4 text-xl">
        {t("account.orders")}
      </h2>
      <QueryStates
        query={orders}
        loading={<Skeleton className="h-40 rounded-tile!" />}
        empty={{
          when: (data) => data.orders.length === 0,
          show: (
            <Notice
              title={t("account.noOrders")}
              action={
                <ButtonLink variant="outline" to="/products">
                  {t("cart.browse")}
                </ButtonLink>
              }
            />
          ),
        }}
      >
        {(data) => (
          <ul className="grid gap-8">
            {data.orders.map((order) => (
              <li key={order.id}>
                <h3 className="mb-2 text-base">
                  {t("checkout.number", { id: order.id })}
                  <span className="ml-2 font-sans text-sm font-normal text-muted">
                    {t("account.orderDate", { date: date.format(new Date(order.created_at)) })}
                  </span>
                </h3>
                <OrderSummary order={order} />
              </li>
            ))}
          </ul>
        )}
      </QueryStates>
    </section>
  );
}
