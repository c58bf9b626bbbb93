import { Heart } from "lucide-react";
import { useTranslation } from "react-i18next";

import { IconButton } from "@/components/ui/button";
import { useLike } from "@/hooks/use-like";
import type { ListPosition } from "@/services/events";
import type { ProductCard } from "@/services/types";

interface LikeButtonProps {
  product: ProductCard;
  served?: ListPosition | undefined;
  className?: string;
}

/** A heart on a product. */
export function LikeButton({ product, served, className = "" }: LikeButtonProps) {
  const { t } = useTranslation();
  const { liked, toggle } = useLike(product, served);
  return (
    <IconButton
      label={t(liked ? "product.liked" : "product.like", { name: product.name })}
      aria-pressed={liked}
      onClick={toggle}
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
