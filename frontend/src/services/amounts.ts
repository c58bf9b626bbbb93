/** Sums of money as decimal strings; counted in hundredths, never in floats. */

/** So many times an amount. */
export const times = (amount: string, count: number): string =>
  decimal(hundredths(amount) * BigInt(count));

/** All amounts together. */
export const sum = (amounts: string[]): string =>
  decimal(amounts.reduce((total, amount) => total + hundredths(amount), 0n));

function hundredths(amount: string): bigint {
  const [whole = "0", fraction = ""] = amount.split(".");
  return BigInt(whole + fraction.padEnd(2, "0"));
}

function decimal(amount: bigint): string {
  const digits = amount.toString().padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
