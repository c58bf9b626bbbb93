import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";

import { CartSkeleton } from "@/components/cart/cart-skeleton";
import { EmptyCart } from "@/components/cart/empty-cart";
import { type Address, AddressStep } from "@/components/checkout/address-step";
import { type Delivery, DeliveryStep } from "@/components/checkout/delivery-step";
import { ReviewStep } from "@/components/checkout/review-step";
import { type Step, StepList, steps } from "@/components/checkout/step-list";
import { Price } from "@/components/products/price";
import { QueryStates } from "@/components/ui/query-states";
import { useCart } from "@/services/cart";
import { usePlaceOrder } from "@/services/orders";
import type { Cart } from "@/services/types";

export default function CheckoutPage() {
  const { t } = useTranslation();
  const cart = useCart();
  const order = usePlaceOrder();
  return (
    <div className="mx-auto max-w-xl">
      <title>{t("title", { page: t("checkout.title") })}</title>
      <h1 className="mb-2 text-2xl sm:text-3xl">{t("checkout.title")}</h1>
      <QueryStates
        query={cart}
        loading={<CartSkeleton />}
        empty={{
          // After an order the cart is empty for a moment before the confirmation is shown.
          when: (data) => data.items.length === 0 && !order.isPending && !order.isSuccess,
          show: <EmptyCart />,
        }}
      >
        {(data) => (
          <>
            <p className="mb-6 text-muted tabular-nums">
              {t("cart.items", { count: data.item_count })} ·{" "}
              <Price amount={data.total} currency={data.currency} />
            </p>
            <Steps cart={data} order={order} />
          </>
        )}
      </QueryStates>
    </div>
  );
}

/** Three steps. The address keeps the current one; what is entered stays in this component. */
function Steps({ cart, order }: { cart: Cart; order: ReturnType<typeof usePlaceOrder> }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  const [address, setAddress] = useState<Address>();
  const [delivery, setDelivery] = useState<Delivery>("home");
  const heading = useRef<HTMLHeadingElement>(null);
  const stepInAddress = steps.find((step) => step === parameters.get("step")) ?? "address";
  const step: Step = address === undefined ? "address" : stepInAddress;
  const previousStep = useRef(step);

  useEffect(() => {
    if (previousStep.current !== step) heading.current?.focus();
    previousStep.current = step;
  }, [step]);

  return (
    <>
      <StepList step={step} />
      <div className="rounded-tile border border-line bg-surface p-5 sm:p-7">
        <h2 ref={heading} tabIndex={-1} className="mb-5 text-lg outline-none">
          {t(`checkout.steps.${step}`)}
          <span className="sr-only">
            , {t("checkout.stepOf", { step: steps.indexOf(step) + 1, steps: steps.length })}
          </span>
        </h2>
        {step === "address" && (
          <AddressStep
            address={address}
            onDone={(entered) => {
              setAddress(entered);
              void navigate("?step=delivery");
            }}
          />
        )}
        {step === "delivery" && (
          <DeliveryStep
            delivery={delivery}
            onChoose={setDelivery}
            onDone={() => void navigate("?step=review")}
          />
        )}
        {step === "review" && address !== undefined && (
          <ReviewStep
            cart={cart}
            address={address}
            delivery={delivery}
            isPlacing={order.isPending || order.isSuccess}
            error={order.error?.message}
            onPlace={() => {
              order.mutate(undefined, {
                onSuccess: ({ id }) => void navigate(`/order/${id}`, { replace: true }),
              });
            }}
          />
        )}
      </div>
      <p className="mt-4 text-sm text-muted">{t("checkout.demo")}</p>
    </>
  );
}
