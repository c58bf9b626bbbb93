import { Price } from "@/components/products/price";
import { useTranslation } from "@/hooks/use-translation";
import type { OrderChange } from "@/services/orders";
import { nameOrderLine } from "@/services/variants";

interface OrderChangesProps {
  changes: OrderChange[];
  oldTotal: string;
  newTotal: string;
  currency: string;
}

/** What moved since the shopper looked: old and new price of each product, and of the whole. */
export function OrderChanges({ changes, oldTotal, newTotal, currency }: OrderChangesProps) {
  const { t } = useTranslation();
  return (
    <div role="alert" className="grid gap-2 rounded-lg bg-danger-soft p-4 text-sm forced-colors:border">
      <p className="font-semibold text-danger">{t("checkout.changed.title")}</p>
      <ul className="grid gap-1">
        {changes.map((change) => (
          <li key={`${change.product_id} ${change.variant_id}`} className="flex flex-wrap justify-between gap-x-4">
            <span className="min-w-0 wrap-anywhere">{nameOrderLine(change)}</span>
            <Change change={change} currency={currency} />
          </li>
        ))}
        <li className="flex flex-wrap justify-between gap-x-4 font-semibold">
          <span>{t("cart.total")}</span>
          <OldAndNew old={oldTotal} now={newTotal} currency={currency} />
        </li>
      </ul>
      <p>{t("checkout.changed.ask")}</p>
    </div>
  );
}

function Change({ change: { expected, now }, currency }: { change: OrderChange; currency: string }) {
  const { t } = useTranslation();
  if (now === null) return <span>{t("checkout.changed.gone")}</span>;
  if (expected === null) return <span>{t("checkout.changed.added", { count: now.quantity })}</span>;
  return (
    <span className="flex flex-wrap gap-x-3">
      {now.quantity !== expected.quantity && (
        <span>{t("checkout.changed.quantity", { old: expected.quantity, now: now.quantity })}</span>
      )}
      {now.price !== expected.price && <OldAndNew old={expected.price} now={now.price} currency={currency} />}
    </span>
  );
}

function OldAndNew({ old, now, currency }: { old: string; now: string; currency: string }) {
  const { t } = useTranslation();
  return (
    <span>
      <s>
        <span className="sr-only">{t("checkout.changed.before")} </span>
        <Price amount={old} currency={currency} />
      </s>{" "}
      <span className="sr-only">{t("checkout.changed.now")} </span>
      <Price amount={now} currency={currency} />
    </span>
  );
}
