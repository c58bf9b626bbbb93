import { Button, ButtonLink } from "@/components/ui/button";
import { useTranslation } from "@/hooks/use-translation";

/** The ways of delivery, and how many days each takes. */
const deliveryDays = { home: 4, pickup: 2 } as const;
export type Delivery = keyof typeof deliveryDays;

interface DeliveryStepProps {
  delivery: Delivery;
  onChoose: (delivery: Delivery) => void;
  /** The address of the step before. */
  back: string;
  onDone: () => void;
}

export function DeliveryStep({ delivery, onChoose, back, onDone }: DeliveryStepProps) {
  const { t } = useTranslation();
  const formatArrival = useArrivalDate();
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        onDone();
      }}
    >
      <fieldset className="grid gap-3">
        <legend className="sr-only">{t("checkout.steps.delivery")}</legend>
        {(Object.keys(deliveryDays) as Delivery[]).map((way) => (
          <label
            key={way}
            className="grid cursor-pointer grid-cols-[auto_1fr] items-center gap-x-4 rounded-2xl border border-line p-4 hover:border-ink has-checked:border-accent has-checked:bg-accent-soft forced-colors:has-checked:border-[Highlight]"
          >
            <input
              type="radio"
              name="delivery"
              value={way}
              checked={way === delivery}
              onChange={() => {
                onChoose(way);
              }}
              className="row-span-2 size-5 accent-accent"
            />
            <span className="font-semibold">{t(`checkout.deliveries.${way}`)}</span>
            <span className="text-sm text-muted">{t("checkout.arrives", { date: formatArrival(way) })}</span>
          </label>
        ))}
      </fieldset>
      <div className="mt-2 flex gap-3">
        <ButtonLink variant="outline" to={back}>
          {t("checkout.back")}
        </ButtonLink>
        <Button type="submit" variant="accent" className="flex-1">
          {t("checkout.toReview")}
        </Button>
      </div>
    </form>
  );
}

/** Returns a function that formats the day by which an order arrives. */
export function useArrivalDate(): (delivery: Delivery) => string {
  const { language } = useTranslation();
  const format = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });
  return (delivery) => {
    const day = new Date();
    day.setDate(day.getDate() + deliveryDays[delivery]);
    return format.format(day);
  };
}
