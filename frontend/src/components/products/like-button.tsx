import { Heart } from "lucide-react";

import { IconButton } from "@/components/ui/button";
import { useLike } from "@/hooks/use-like";
import { useTranslation } from "@/hooks/use-translation";
import type { ListPosition } from "@/services/events";
import type { ProductCard } from "@/services/types";

interface LikeButtonProps {
  product: ProductCard;
  listPosition?: ListPosition | undefined;
  className?: string;
}

/** A heart button that likes a product or takes the like back. */
export function LikeButton({ product, listPosition, className = "" }: LikeButtonProps) {
  const { t } = useTranslation();
  const { liked, toggle } = useLike(product, listPosition);
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
        className={liked ? "fill-current text-accent" : "text-ink"}
      />
    </IconButton>
  );
}
