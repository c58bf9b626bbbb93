import { type ReactNode, useMemo } from "react";

import { LikedIdsContext } from "@/hooks/use-like";
import { useLikes } from "@/services/likes";

/** Tells the hearts below which products the shopper likes. */
export function LikedProducts({ children }: { children: ReactNode }) {
  const products = useLikes().data?.products;
  const ids = useMemo(() => new Set(products?.map(({ id }) => id)), [products]);
  return <LikedIdsContext value={ids}>{children}</LikedIdsContext>;
}
