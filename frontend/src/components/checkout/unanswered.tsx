import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useTranslation } from "@/hooks/use-translation";
import type { usePlaceOrder } from "@/services/orders";

interface UnansweredProps {
  order: ReturnType<typeof usePlaceOrder>;
  onAsk: () => void;
  onDismiss: () => void;
}

/** An order was sent, and nobody knows whether it arrived: asking again never orders twice. */
export function Unanswered({ order, onAsk, onDismiss }: UnansweredProps) {
  const { t } = useTranslation();
  return (
    <Notice
      title={t("checkout.unanswered.title")}
      action={
        <div className="flex flex-wrap gap-3">
          <Button variant="accent" busy={order.isPending} onClick={onAsk}>
            {t(order.isPending ? "checkout.placing" : "checkout.unanswered.ask")}
          </Button>
          <Button variant="outline" disabled={order.isPending} onClick={onDismiss}>
            {t("checkout.unanswered.dismiss")}
          </Button>
        </div>
      }
    >
      {t("checkout.unanswered.text")}
      {order.isError && (
        <p role="alert" className="mt-3 text-danger">
          {order.error.message}
        </p>
      )}
    </Notice>
  );
}
