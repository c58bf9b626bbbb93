import { useEffect, useRef, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";

import { AddressStep, findAddressFields, isComplete } from "@/components/checkout/address-step";
import { DeliveryStep } from "@/components/checkout/delivery-step";
import { ReviewStep } from "@/components/checkout/review-step";
import { type Step, StepList, steps } from "@/components/checkout/step-list";
import { Price } from "@/components/products/price";
import { useTranslation } from "@/hooks/use-translation";
import { useSetQuantity } from "@/services/cart";
import { type Address, type CheckoutDraft, readDraft, saveDraft } from "@/services/checkout-draft";
import type { Country } from "@/services/countries";
import { ApiError } from "@/services/client";
import { getProblem, type OrderRequest, type usePlaceOrder } from "@/services/orders";
import type { Cart } from "@/services/types";

/** An order can name this many lines; a larger one is held to its total only. */
const maxLines = 100;

interface CheckoutStepsProps {
  purchase: Cart;
  fromCart: boolean;
  attempt: string;
  order: ReturnType<typeof usePlaceOrder>;
}

/** Three steps. The address of the page keeps the current one; the tab keeps what is entered. */
export function CheckoutSteps({ purchase, fromCart, attempt, order }: CheckoutStepsProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [parameters, setParameters] = useSearchParams();
  const setQuantity = useSetQuantity();
  const [method, setMethod] = useState<NonNullable<CheckoutDraft["method"]>>(readDraft().method ?? "home");
  const [seenTotal, setSeenTotal] = useState(purchase.total);
  const [refused, setRefused] = useState<readonly string[]>([]);
  const heading = useRef<HTMLHeadingElement>(null);
  const address = readDraft().address;
  const stepInAddress = steps.find((step) => step === parameters.get("step")) ?? "address";
  const step: Step = isComplete(address) ? stepInAddress : "address";
  const previousStep = useRef(step);

  useEffect(() => {
    if (previousStep.current !== step) heading.current?.focus();
    previousStep.current = step;
  }, [step]);

  const addressOf = (next: Step) => {
    const changed = new URLSearchParams(parameters);
    changed.set("step", next);
    return `?${changed.toString()}`;
  };

  const place = (to: Address) => {
    setSeenTotal(purchase.total);
    // An attempt without an answer is sent again as it was: then it leads to the same order.
    const sent = readDraft().sent;
    const body = sent?.attempt === attempt ? sent.body : describeOrder(purchase, fromCart, to, method);
    order.mutate(
      { attempt, body },
      {
        onSuccess: ({ id }) => void navigate(`/order/${id}`, { replace: true }),
        onError: (error) => {
          const problem = getProblem(error);
          if (problem?.order_id !== undefined) void navigate(`/order/${problem.order_id}`, { replace: true });
          const wrong = error instanceof ApiError ? findAddressFields(error.fields) : [];
          if (wrong.length > 0) {
            // The sentences about the fields say more than the one about the order.
            order.reset();
            setRefused(wrong);
            void navigate(addressOf("address"));
          }
          if (problem?.code !== "out_of_stock") return;
          for (const { product_id: productId, variant_id: variantId, expected, now } of problem.changes ?? []) {
            const left = now?.quantity ?? 0;
            if (left >= (expected?.quantity ?? 0)) continue;
            if (fromCart) setQuantity.mutate({ productId, variantId: variantId ?? undefined, quantity: left });
            else if (left > 0) {
              const changed = new URLSearchParams(parameters);
              changed.set("quantity", String(left));
              setParameters(changed, { replace: true });
            }
          }
        },
      },
    );
  };

  return (
    <>
      <p className="mb-6 text-muted tabular-nums">
        {t("cart.items", { count: purchase.item_count })} ·{" "}
        <Price amount={purchase.total} currency={purchase.currency} />
      </p>
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
            refused={refused}
            onDone={() => {
              setRefused([]);
              void navigate(addressOf("delivery"));
            }}
          />
        )}
        {step === "delivery" && (
          <DeliveryStep
            delivery={method}
            onChoose={(chosen) => {
              saveDraft({ method: chosen, sent: undefined });
              setMethod(chosen);
            }}
            back={addressOf("address")}
            onDone={() => void navigate(addressOf("review"))}
          />
        )}
        {step === "review" && isComplete(address) && (
          <ReviewStep
            cart={purchase}
            address={address}
            delivery={method}
            addressOf={addressOf}
            isPlacing={order.isPending || order.isSuccess || setQuantity.isPending}
            error={order.error}
            seenTotal={seenTotal}
            onPlace={() => {
              place(address);
            }}
          />
        )}
      </div>
    </>
  );
}

/** Returns the order of what the page shows: the server refuses it if it would be another one. */
function describeOrder(
  purchase: Cart,
  fromCart: boolean,
  { email, country, ...address }: Address,
  method: NonNullable<CheckoutDraft["method"]>,
): OrderRequest {
  const lines = purchase.items.map(({ product, variant, quantity, price }) => ({
    product_id: product.id,
    ...(variant && { variant_id: variant.id }),
    quantity,
    price,
  }));
  return {
    from_cart: fromCart,
    expected_total: purchase.total,
    ...(lines.length <= maxLines && { lines }),
    ...(email !== "" && { email }),
    delivery: { ...address, country: country as Country, method },
  };
}
