import type { ReactNode } from "react";

interface FacetChoiceProps {
  label: ReactNode;
  count: number;
  chosen: boolean;
  onClick: () => void;
}

/** A value of a facet that has one value at most: choosing another one replaces it. */
export function FacetChoice({ label, count, chosen, onClick }: FacetChoiceProps) {
  return (
    <button
      type="button"
      aria-pressed={chosen}
      onClick={onClick}
      className="-mx-2 flex min-h-11 w-[calc(100%+1rem)] items-center gap-2.5 rounded-lg px-2 text-left text-sm hover:bg-sunken aria-pressed:bg-accent-soft aria-pressed:font-semibold lg:min-h-8"
    >
      <span className="min-w-0 flex-1">{label}</span>{" "}
      <span className="text-xs font-normal text-muted tabular-nums">{count}</span>
    </button>
  );
}
