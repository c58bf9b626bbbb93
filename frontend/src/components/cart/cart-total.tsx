import { Price } from "@/components/products/price";
import { useTranslation } from "@/hooks/use-translation";
import type { Cart } from "@/services/types";

export function CartTotal({ cart }: { cart: Pick<Cart, "total" | "currency"> }) {
  const { t } = useTranslation();
  return (
    <p className="flex flex-wrap items-baseline justify-between gap-x-4 font-display text-lg font-semibold">
      {t("cart.total")}
      <Price amount={cart.total} currency={cart.currency} />
    </p>
  );
}
