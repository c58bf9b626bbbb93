import { ChevronDown } from "lucide-react";
import { type ReactNode, useId } from "react";

interface FacetGroupProps {
  title: string;
  children: ReactNode;
}

/** One facet: its name, and the values to choose from. It can be folded. */
export function FacetGroup({ title, children }: FacetGroupProps) {
  const heading = useId();
  return (
    <details open className="group border-t border-line py-3 first:border-t-0 first:pt-0">
      <summary className="flex min-h-11 list-none items-center justify-between gap-3 text-sm font-semibold [&::-webkit-details-marker]:hidden">
        <span id={heading}>{title}</span>
        <ChevronDown aria-hidden="true" size={16} className="shrink-0 text-muted transition-transform group-open:rotate-180" />
      </summary>
      <div role="group" aria-labelledby={heading}>
        {children}
      </div>
    </details>
  );
}
