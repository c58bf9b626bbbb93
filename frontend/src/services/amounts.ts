import { shop } from "./shop";

// Amounts of money are decimal strings, counted in the currency's smallest unit, never in floats.

export const multiplyAmount = (amount: string, count: number): string =>
  toDecimal(toUnits(amount) * BigInt(count));

export const sumAmounts = (amounts: string[]): string =>
  toDecimal(amounts.reduce((total, amount) => total + toUnits(amount), 0n));

function toUnits(amount: string): bigint {
  const [whole = "0", fraction = ""] = amount.split(".");
  return BigInt(whole + fraction.padEnd(shop.decimals, "0"));
}

function toDecimal(units: bigint): string {
  if (shop.decimals === 0) return units.toString();
  const digits = units.toString().padStart(shop.decimals + 1, "0");
  return `${digits.slice(0, -shop.decimals)}.${digits.slice(-shop.decimals)}`;
}
