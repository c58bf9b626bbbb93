import { shop } from "@/services/shop";

/** The shop's bird and name. */
export function Wordmark() {
  return (
    <span className="flex items-center gap-2 font-display text-xl font-bold tracking-[-0.03em]">
      <svg aria-hidden="true" viewBox="0 0 30 22" className="h-6 w-auto">
        <path d="M2 16C2 8 7.5 2.5 14.5 2.5c3.7 0 6.3 2.3 6.3 5.3 0 5-5.2 8.2-11.6 8.2H2Z" className="fill-ink" />
        <path d="M8.5 16 27.5 21 14.3 10.2c-1.1 3-3.2 4.9-5.8 5.8Z" className="fill-accent" />
        <circle cx="15.8" cy="6.8" r="1.4" className="fill-paper" />
        <path d="m20.6 6.2 7 1.8-7 1.6z" className="fill-amber" />
      </svg>
      {shop.name}
    </span>
  );
}
