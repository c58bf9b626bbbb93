import { useTranslation } from "@/hooks/use-translation";
import { numberFormat } from "@/services/number-format";

/** Format an amount in the shopper's language. `amount` is a decimal string and stays exact. */
export function formatMoney(amount: string, currency: string, language: string): string {
  // The server knows how many decimals the currency has; browsers round some currencies.
  const decimals = amount.split(".")[1]?.length ?? 0;
  // Intl reads a decimal string digit by digit; a detour over a float could change the cents.
  return numberFormat(language, {
    style: "currency",
    currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(amount as Intl.StringNumericLiteral);
}

export function useMoney(): (amount: string, currency: string) => string {
  const { language } = useTranslation();
  return (amount, currency) => formatMoney(amount, currency, language);
}
