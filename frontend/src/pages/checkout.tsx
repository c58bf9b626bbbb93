import "@/i18n/checkout";

import { useState, useSyncExternalStore } from "react";
import { Navigate, useSearchParams } from "react-router";

import { CartSkeleton } from "@/components/cart/cart-skeleton";
import { EmptyCart } from "@/components/cart/empty-cart";
import { CheckoutSteps } from "@/components/checkout/checkout-steps";
import { EmptiedCart } from "@/components/checkout/emptied-cart";
import { GoneProducts } from "@/components/checkout/gone-products";
import { Unanswered } from "@/components/checkout/unanswered";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { QueryStates } from "@/components/ui/query-states";
import { useTranslation } from "@/hooks/use-translation";
import { multiplyAmount } from "@/services/amounts";
import { useCart } from "@/services/cart";
import { countClearedDrafts, onClearedDraft, readDraft, saveDraft } from "@/services/checkout-draft";
import { findGoneLines, usePlaceOrder } from "@/services/orders";
import { useProduct } from "@/services/products";
import { shop } from "@/services/shop";
import type { Cart, Product } from "@/services/types";

/**
 * The checkout of the cart, or of one product (`?product=7&quantity=2`, with its `variant` if it has some).
 *
 * `attempt` in the address names this attempt to order, also after a reload, in a copy of the tab
 * and on the way back from the confirmation: it leads to one order.
 */
export default function CheckoutPage() {
  const { t } = useTranslation();
  const [parameters] = useSearchParams();
  const attempt = parameters.get("attempt");
  // Nothing that somebody else entered stays on the page.
  const clearings = useSyncExternalStore(onClearedDraft, countClearedDrafts);
  if (attempt === null) {
    return <Navigate replace to={`?${withParameter(parameters, "attempt", crypto.randomUUID())}`} />;
  }
  return (
    <div className="mx-auto max-w-xl">
      <title>{t("title", { page: t("checkout.title") })}</title>
      <h1 className="mb-2 text-2xl sm:text-3xl">{t("checkout.title")}</h1>
      <Checkout key={`${attempt} ${clearings}`} attempt={attempt} product={parameters.get("product")} />
      {shop.is_demo && <p className="mt-4 text-sm text-muted">{t("checkout.demo")}</p>}
    </div>
  );
}

const withParameter = (parameters: URLSearchParams, name: string, value: string) => {
  const changed = new URLSearchParams(parameters);
  changed.set(name, value);
  return changed.toString();
};

interface CheckoutProps {
  attempt: string;
  product: string | null;
}

function Checkout({ attempt, product }: CheckoutProps) {
  const order = usePlaceOrder();
  // An order that was sent before this page was loaded, and whose answer never came.
  const [sent, setSent] = useState(() => {
    const draft = readDraft().sent;
    return draft?.attempt === attempt ? draft : undefined;
  });
  const placed = readDraft().placed;
  if (placed?.attempt === attempt) return <Navigate replace to={`/order/${placed.order}`} />;
  if (sent !== undefined) {
    return (
      <Unanswered
        order={order}
        onAsk={() => {
          order.mutate(sent, {
            onError: () => {
              setSent(readDraft().sent);
            },
          });
        }}
        onDismiss={() => {
          saveDraft({ sent: undefined });
          setSent(undefined);
        }}
      />
    );
  }
  return product === null ? (
    <CartCheckout attempt={attempt} order={order} />
  ) : (
    <ProductCheckout attempt={attempt} order={order} productId={Number(product)} />
  );
}

interface PurchaseProps {
  attempt: string;
  order: ReturnType<typeof usePlaceOrder>;
}

function CartCheckout({ attempt, order }: PurchaseProps) {
  const { t } = useTranslation();
  const cart = useCart();
  const [seen, setSeen] = useState<Cart>();
  // The time of the first answer: later ones may have been changed here after another tab ordered.
  const [receivedAt, setReceivedAt] = useState<number>();
  if (cart.data !== undefined && cart.data !== seen && cart.data.items.length > 0) {
    setSeen(cart.data);
    setReceivedAt((first) => first ?? cart.dataUpdatedAt);
  }
  const gone = findGoneLines(order.error);
  return (
    <QueryStates
      query={cart}
      loading={<CartSkeleton />}
      empty={{
        // After an order the cart is empty for a moment before the confirmation is shown.
        when: (data) => data.items.length === 0 && !order.isPending && !order.isSuccess,
        show:
          gone.length > 0 ? (
            <GoneProducts changes={gone} />
          ) : seen === undefined || receivedAt === undefined ? (
            <EmptyCart />
          ) : (
            <EmptiedCart
              seen={seen}
              receivedAt={receivedAt}
              loading={<CartSkeleton />}
              empty={<EmptyCart text={t("checkout.gone.emptied")} />}
            />
          ),
      }}
    >
      {(data) => <CheckoutSteps purchase={data} fromCart attempt={attempt} order={order} />}
    </QueryStates>
  );
}

function ProductCheckout({ attempt, order, productId }: PurchaseProps & { productId: number }) {
  const { t } = useTranslation();
  const [parameters] = useSearchParams();
  const quantity = Math.min(Math.max(Math.trunc(Number(parameters.get("quantity"))) || 1, 1), 99);
  const findVariantById = ({ variants }: Product) =>
    variants.find(({ id }) => String(id) === parameters.get("variant"));
  const gone = findGoneLines(order.error);
  const findOffer = (data: Product) => (data.has_variants ? findVariantById(data) : data);
  return (
    <QueryStates
      query={useProduct(productId, true)}
      loading={<CartSkeleton />}
      empty={{
        when: (data) =>
          gone.length > 0 || (!findOffer(data)?.in_stock && !order.isPending && !order.isSuccess),
        show: gone.length > 0 ? (
          <GoneProducts changes={gone} />
        ) : (
          <Notice title={t("product.soldOut")} action={<ButtonLink to="/products">{t("cart.browse")}</ButtonLink>}>
            {t("product.goneText")}
          </Notice>
        ),
      }}
    >
      {(data) => {
        const { price } = findOffer(data) ?? data;
        const variant = findVariantById(data) ?? null;
        const total = multiplyAmount(price, quantity);
        const purchase = {
          items: [{ product: data, variant, price, quantity, line_total: total }],
          item_count: quantity,
          total,
          currency: data.currency,
        };
        return <CheckoutSteps purchase={purchase} fromCart={false} attempt={attempt} order={order} />;
      }}
    </QueryStates>
  );
}
