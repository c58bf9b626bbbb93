import { Link } from "react-router";

import { Price } from "@/components/products/price";
import { useTranslation } from "@/hooks/use-translation";
import { multiplyAmount } from "@/services/amounts";
import { getCountryName } from "@/services/countries";
import type { Order } from "@/services/types";
import { getProductAddress, nameOrderLine } from "@/services/variants";

/** What was ordered, for how much, where it goes and by when. */
export function OrderSummary({ order }: { order: Order }) {
  const { t, language } = useTranslation();
  const { delivery } = order;
  const day = new Intl.DateTimeFormat(language, { dateStyle: "full", timeZone: "UTC" });
  return (
    <div className="rounded-tile border border-line bg-surface p-5 text-sm">
      {order.status !== "placed" && (
        <p className="mb-2 font-semibold">{t(`checkout.statuses.${order.status}`)}</p>
      )}
      <ul className="divide-y divide-line">
        {order.lines.map((line, position) => (
          <li key={position} className="flex justify-between gap-4 py-2.5">
            <span className="min-w-0 flex-1 wrap-anywhere">
              <span className="tabular-nums">{line.quantity}</span> ×{" "}
              {line.product_id === null ? (
                nameOrderLine(line)
              ) : (
                <Link
                  to={getProductAddress(line.product_id, line.variant_id)}
                  className="underline-offset-4 hover:underline"
                >
                  {nameOrderLine(line)}
                </Link>
              )}
            </span>
            <Price amount={multiplyAmount(line.price, line.quantity)} currency={order.currency} />
          </li>
        ))}
      </ul>
      <p className="mt-2 flex flex-wrap justify-between gap-x-4 border-t border-line pt-3 font-semibold">
        {t("cart.total")}
        <Price amount={order.total} currency={order.currency} />
      </p>
      {delivery !== null && (
        <dl className="mt-4 grid gap-4 border-t border-line pt-4 sm:grid-cols-2">
          <div className="min-w-0">
            <dt className="font-semibold">{t("checkout.deliverTo")}</dt>
            <dd className="mt-1 wrap-anywhere">
              {delivery.name}
              <br />
              {delivery.street}
              <br />
              {delivery.postcode} {delivery.city}
              <br />
              {getCountryName(delivery.country, language)}
            </dd>
          </div>
          <div className="min-w-0">
            <dt className="font-semibold">{t(`checkout.deliveries.${delivery.method}`)}</dt>
            <dd className="mt-1">{t("checkout.arrivesBy", { date: day.format(new Date(delivery.arrives_on)) })}</dd>
          </div>
        </dl>
      )}
    </div>
  );
}
