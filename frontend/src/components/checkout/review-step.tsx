import type { ReactNode } from "react";
import { Link } from "react-router";

import { type Delivery, useArrivalDate } from "@/components/checkout/delivery-step";
import { OrderChanges } from "@/components/checkout/order-changes";
import type { Step } from "@/components/checkout/step-list";
import { Price } from "@/components/products/price";
import { ProductPicture } from "@/components/products/product-picture";
import { Button, ButtonLink } from "@/components/ui/button";
import { useTranslation } from "@/hooks/use-translation";
import { usePersonalizationEnabled } from "@/services/shoppers";
import type { Address } from "@/services/checkout-draft";
import { getCountryName } from "@/services/countries";
import { getProblem } from "@/services/orders";
import type { Cart } from "@/services/types";
import { nameVariant, showVariant } from "@/services/variants";

interface ReviewStepProps {
  cart: Cart;
  address: Address;
  delivery: Delivery;
  addressOf: (step: Step) => string;
  isPlacing: boolean;
  error: Error | null;
  /** The total when the order was last sent. */
  seenTotal: string;
  onPlace: () => void;
}

/** Everything that was entered and chosen, before the order is placed. */
export function ReviewStep(props: ReviewStepProps) {
  const { cart, address, delivery, addressOf, isPlacing, error, seenTotal, onPlace } = props;
  const { t, language } = useTranslation();
  const problem = getProblem(error);
  const isPersonal = usePersonalizationEnabled();
  const formatArrival = useArrivalDate();
  return (
    <div className="grid gap-6">
      <dl className="grid gap-4 text-sm sm:grid-cols-2">
        <Choice name={t("checkout.deliverTo")} change={addressOf("address")}>
          {address.name}
          <br />
          {address.street}
          <br />
          {address.postcode} {address.city}
          <br />
          {getCountryName(address.country, language)}
          {address.email !== "" && (
            <>
              <br />
              <span className="text-muted">{address.email}</span>
            </>
          )}
        </Choice>
        <Choice name={t("checkout.steps.delivery")} change={addressOf("delivery")}>
          {t(`checkout.deliveries.${delivery}`)}
          <br />
          <span className="text-muted">{t("checkout.arrives", { date: formatArrival(delivery) })}</span>
        </Choice>
      </dl>
      <div>
        <h3 className="text-base">{t("checkout.summary")}</h3>
        <ul className="my-3 divide-y divide-line border-y border-line text-sm">
          {cart.items.map(({ product, variant, quantity, line_total }) => (
            <li key={`${product.id} ${variant?.id}`} className="flex items-center gap-4 py-3">
              <div className="w-12 shrink-0 @container">
                <ProductPicture product={showVariant(product, variant)} className="rounded-lg!" />
              </div>
              <span className="min-w-0 flex-1 wrap-anywhere">
                <span className="tabular-nums">{quantity}</span> × {nameVariant(product.name, variant?.name)}
              </span>
              <Price amount={line_total} currency={cart.currency} />
            </li>
          ))}
        </ul>
        <p className="flex flex-wrap items-baseline justify-between gap-x-4 font-display text-lg font-semibold">
          {t("cart.total")}
          <Price amount={cart.total} currency={cart.currency} />
        </p>
      </div>
      {problem?.changes !== undefined && problem.total !== undefined ? (
        <OrderChanges
          changes={problem.changes}
          oldTotal={seenTotal}
          newTotal={problem.total}
          currency={cart.currency}
        />
      ) : (
        error !== null && (
          <p role="alert" className="rounded-lg bg-danger-soft p-4 text-sm text-danger forced-colors:border">
            {error.message}
          </p>
        )
      )}
      <div className="flex gap-3">
        <ButtonLink variant="outline" to={addressOf("delivery")}>
          {t("checkout.back")}
        </ButtonLink>
        <Button variant="accent" className="flex-1" busy={isPlacing} onClick={onPlace}>
          {t(isPlacing ? "checkout.placing" : "checkout.place")}
        </Button>
      </div>
      {isPersonal && <p className="text-sm text-muted">{t("checkout.note")}</p>}
    </div>
  );
}

interface ChoiceProps {
  name: string;
  change: string;
  children: ReactNode;
}

function Choice({ name, change, children }: ChoiceProps) {
  const { t } = useTranslation();
  return (
    <div className="min-w-0 rounded-2xl bg-sunken p-4 forced-colors:border">
      <dt className="flex items-center justify-between gap-2 font-semibold">
        {name}
        <Link
          to={change}
          aria-label={`${t("checkout.edit")}: ${name}`}
          className="inline-flex min-h-6 items-center font-normal underline underline-offset-4"
        >
          {t("checkout.edit")}
        </Link>
      </dt>
      <dd className="mt-1 wrap-anywhere">{children}</dd>
    </div>
  );
}
