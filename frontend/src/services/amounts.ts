import { shop } from "./shop";

/** Sums of money as decimal strings; counted in the currency's smallest unit, never in floats. */

/** So many times an amount. */
export const times = (amount: string, count: number): string =>
  toText(toUnits(amount) * BigInt(count));

/** All amounts together. */
export const sum = (amounts: string[]): string =>
  toText(amounts.reduce((total, amount) => total + toUnits(amount), 0n));

function toUnits(amount: string): bigint {
  const [whole = "0", fraction = ""] = amount.split(".");
  return BigInt(whole + fraction.padEnd(shop.decimals, "0"));
}

function toText(units: bigint): string {
  if (shop.decimals === 0) return units.toString();
  const digits = units.toString().padStart(shop.decimals + 1, "0");
  return `${digits.slice(0, -shop.decimals)}.${digits.slice(-shop.decimals)}`;
}
