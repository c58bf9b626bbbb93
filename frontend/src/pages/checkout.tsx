import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { CartSkeleton } from "@/components/cart/cart-skeleton";
import { CartTotal } from "@/components/cart/cart-total";
import { EmptyCart } from "@/components/cart/empty-cart";
import { Price } from "@/components/products/price";
import { Button } from "@/components/ui/button";
import { QueryFaces } from "@/components/ui/query-faces";
import { useCart } from "@/services/cart";
import { usePlaceOrder } from "@/services/orders";

export default function CheckoutPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const cart = useCart();
  const order = usePlaceOrder();
  return (
    <div className="mx-auto max-w-xl">
      <title>{t("title", { page: t("checkout.title") })}</title>
      <h1 className="mb-6 text-2xl sm:text-3xl">{t("checkout.title")}</h1>
      <QueryFaces
        query={cart}
        loading={<CartSkeleton />}
        empty={{
          // The cart empties itself a moment before the confirmation is shown.
          when: (data) => data.items.length === 0 && !order.isSuccess,
          show: <EmptyCart />,
        }}
      >
        {(data) => (
          <div className="rounded-tile border border-line bg-surface p-5 sm:p-7">
            <h2 className="text-lg">{t("checkout.summary")}</h2>
            <ul className="my-4 divide-y divide-line border-y border-line text-sm">
              {data.items.map(({ product, quantity, line_total }) => (
                <li key={product.id} className="flex justify-between gap-4 py-3">
                  <span>
                    <span className="tabular-nums">{quantity}</span> × {product.name}
                  </span>
                  <Price amount={line_total} currency={data.currency} />
                </li>
              ))}
            </ul>
            <CartTotal cart={data} />
            <p className="mt-5 rounded-lg bg-sunken p-4 text-sm text-muted">{t("checkout.note")}</p>
            {order.isError && (
              <p role="alert" className="mt-4 rounded-lg bg-danger-soft p-4 text-sm text-danger">
                {order.error.message}
              </p>
            )}
            <Button
              look="accent"
              className="mt-5 w-full"
              disabled={order.isPending || order.isSuccess}
              onClick={() => {
                order.mutate(undefined, {
                  onSuccess: ({ id }) => void navigate(`/order/${id}`, { replace: true }),
                });
              }}
            >
              {t(order.isPending ? "checkout.placing" : "checkout.place")}
            </Button>
          </div>
        )}
      </QueryFaces>
    </div>
  );
}
