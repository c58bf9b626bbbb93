interface ReasonLineProps {
  /** Why the product is in the list; undefined where the list says it for all its products. */
  reason: string | undefined;
}

/** Why a product is in the list. */
export function ReasonLine({ reason }: ReasonLineProps) {
  if (reason === undefined) return null;
  return <p className="mt-0.5 line-clamp-2 text-xs text-pretty text-muted">{reason}</p>;
}
