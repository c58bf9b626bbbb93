import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { Price } from "@/components/products/price";
import { multiplyAmount } from "@/services/amounts";
import type { Order } from "@/services/types";

/** An order's products and total. */
export function OrderSummary({ order }: { order: Order }) {
  const { t } = useTranslation();
  return (
    <div className="rounded-tile border border-line bg-surface p-5 text-sm">
      <ul className="divide-y divide-line">
        {order.lines.map((line, position) => (
          <li key={position} className="flex justify-between gap-4 py-2.5">
            <span>
              <span className="tabular-nums">{line.quantity}</span> ×{" "}
              {line.product_id === null ? (
                line.product_name
              ) : (
                <Link to={`/product/${line.product_id}`} className="underline-offset-4 hover:underline">
                  {line.product_name}
                </Link>
              )}
            </span>
            <Price amount={multiplyAmount(line.price, line.quantity)} currency={order.currency} />
          </li>
        ))}
      </ul>
      <p className="mt-2 flex justify-between gap-4 border-t border-line pt-3 font-semibold">
        {t("cart.total")}
        <Price amount={order.total} currency={order.currency} />
      </p>
    </div>
  );
}
