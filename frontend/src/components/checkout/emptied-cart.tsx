import type { ReactNode } from "react";

import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { QueryStates } from "@/components/ui/query-states";
import { useTranslation } from "@/hooks/use-translation";
import { useOrderOf } from "@/services/orders";
import type { Cart } from "@/services/types";

interface EmptiedCartProps {
  /** The cart as this page showed it before it was empty. */
  seen: Cart;
  /** When the cart came from the shop. */
  receivedAt: number;
  loading: ReactNode;
  /** What stands there if the cart was emptied without an order. */
  empty: ReactNode;
}

/** What became of a cart that this page has shown: it may have been ordered in another tab. */
export function EmptiedCart({ seen, receivedAt, loading, empty }: EmptiedCartProps) {
  const { t } = useTranslation();
  const orderQuery = useOrderOf(seen, receivedAt);
  return (
    <QueryStates query={orderQuery} loading={loading}>
      {(order) => {
        if (order === null) return orderQuery.isFetching ? loading : empty;
        return (
          <Notice
            title={t("checkout.ordered.title")}
            action={<ButtonLink to={`/order/${order.id}`}>{t("checkout.ordered.show", { id: order.id })}</ButtonLink>}
          >
            {t("checkout.ordered.text")}
          </Notice>
        );
      }}
    </QueryStates>
  );
}
