import { useMoney } from "@/hooks/use-money";

interface PriceProps {
  amount: string;
  currency: string;
  className?: string;
}

export function Price({ amount, currency, className = "" }: PriceProps) {
  const money = useMoney();
  return <span className={`tabular-nums wrap-anywhere ${className}`}>{money(amount, currency)}</span>;
}
