import { Heart } from "lucide-react";
import { useTranslation } from "react-i18next";

import { IconButton } from "@/components/ui/button";
import { useLike } from "@/hooks/use-like";
import type { ProductCard } from "@/services/types";

/** A heart on a product. */
export function LikeButton({ product, className = "" }: { product: ProductCard; className?: string }) {
  const { t } = useTranslation();
  const { liked, like } = useLike(product);
  return (
    <IconButton
      label={t(liked ? "product.liked" : "product.like", { name: product.name })}
      aria-pressed={liked}
      onClick={like}
      className={className}
    >
      <Heart
        aria-hidden="true"
        size={19}
        className={liked ? "fill-accent text-accent" : "text-ink"}
      />
    </IconButton>
  );
}
