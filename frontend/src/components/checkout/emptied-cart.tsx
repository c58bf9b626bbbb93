import type { ReactNode } from "react";

import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useTranslation } from "@/hooks/use-translation";
import { useOrderOf } from "@/services/orders";
import type { Cart } from "@/services/types";

interface EmptiedCartProps {
  /** The cart as this page showed it before it was empty. */
  seen: Cart;
  loading: ReactNode;
  /** What to show if the cart was not ordered. */
  empty: ReactNode;
}

/** What became of a cart that this page has shown: it may have been ordered in another tab. */
export function EmptiedCart({ seen, loading, empty }: EmptiedCartProps) {
  const { t } = useTranslation();
  const { data: order, isFetching } = useOrderOf(seen);
  if (!order) return isFetching ? loading : empty;
  return (
    <Notice
      title={t("checkout.ordered.title")}
      action={<ButtonLink to={`/order/${order.id}`}>{t("checkout.ordered.show", { id: order.id })}</ButtonLink>}
    >
      {t("checkout.ordered.text")}
    </Notice>
  );
}
