import { Link } from "react-router";

import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useTranslation } from "@/hooks/use-translation";
import type { OrderChange } from "@/services/orders";
import { getProductAddress, nameOrderLine } from "@/services/variants";

/** Says that an order was not placed, because nothing of it is left, and which products are gone. */
export function GoneProducts({ changes }: { changes: OrderChange[] }) {
  const { t } = useTranslation();
  return (
    <Notice
      tone="error"
      title={t("checkout.gone.title")}
      action={<ButtonLink to="/products">{t("cart.browse")}</ButtonLink>}
    >
      <p>{t("checkout.gone.text")}</p>
      <ul className="mt-2 grid gap-1">
        {changes.map((change) => (
          <li key={`${change.product_id} ${change.variant_id}`}>
            <Link
              to={getProductAddress(change.product_id, change.variant_id)}
              className="font-semibold text-ink underline underline-offset-4"
            >
              {nameOrderLine(change)}
            </Link>
          </li>
        ))}
      </ul>
    </Notice>
  );
}
