import { EyeOff, ShoppingBag } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { LikeButton } from "@/components/products/like-button";
import { ProductPicture } from "@/components/products/product-picture";
import { ProductPrice } from "@/components/products/product-price";
import { IconButton, IconLink } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { useCartActions } from "@/hooks/use-cart-actions";
import { getCategoryName } from "@/services/categories";
import { useTranslation } from "@/hooks/use-translation";
import type { ListPosition } from "@/services/events";
import type { ProductCard } from "@/services/types";

const overlayButton = "absolute! top-1.5 bg-surface/85 backdrop-blur-sm hover:bg-surface";

interface ProductTileProps {
  product: ProductCard;
  eager?: boolean;
  /** Shown instead of the plain name. */
  name?: ReactNode;
  /** Where the product stands in a served list; sent with the shopper's interactions with it. */
  listPosition?: ListPosition | undefined;
  /** Called when the shopper is not interested; without it there is no such button. */
  onHide?: (() => void) | undefined;
  /** Content under the price, such as the reason of a recommendation. */
  children?: ReactNode;
}

/** A product in a grid or a carousel. The whole tile is a link; its buttons lie above the link. */
export function ProductTile({ product, eager = false, name, listPosition, onHide, children }: ProductTileProps) {
  const { t } = useTranslation();
  const { addToCart, pending } = useCartActions(product, listPosition);
  return (
    <article className="group relative flex h-full flex-col">
      <div className="relative @container">
        <ProductPicture
          product={product}
          eager={eager}
          className="transition-[filter] duration-300 group-hover:brightness-[1.04]"
        />
        {!product.in_stock && (
          <span className="absolute bottom-2 left-2 rounded-full bg-surface px-2.5 py-1 text-xs font-semibold forced-colors:border">
            {t("product.soldOut")}
          </span>
        )}
      </div>
      <div className="mt-3 flex flex-1 flex-col gap-0.5">
        <p className="truncate text-xs text-muted">{product.brand || getCategoryName(product.category)}</p>
        <h3 className="min-h-[2lh] font-sans text-sm font-semibold tracking-normal text-pretty">
          <Link
            to={`/product/${product.id}`}
            state={listPosition && { listPosition }}
            className="line-clamp-2 underline-offset-4 group-hover:underline after:absolute after:inset-0 after:rounded-tile focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-offset-2 focus-visible:after:outline-accent"
          >
            {name ?? product.name}
          </Link>
        </h3>
        <div className="flex min-h-11 items-center justify-between gap-2">
          <ProductPrice product={product} className="font-semibold" />
          {product.has_variants && product.in_stock ? (
            <IconLink
              label={t("product.chooseNamed", { name: product.name })}
              to={`/product/${product.id}`}
              state={listPosition && { listPosition }}
              className="-mr-2.5"
            >
              <ShoppingBag aria-hidden="true" size={18} />
            </IconLink>
          ) : (
            <IconButton
              label={t("product.addNamed", { name: product.name })}
              disabled={!product.in_stock}
              busy={pending}
              onClick={() => {
                addToCart();
              }}
              className="-mr-2.5"
            >
              <ShoppingBag aria-hidden="true" size={18} />
            </IconButton>
          )}
        </div>
        {children}
      </div>
      <LikeButton product={product} listPosition={listPosition} className={`${overlayButton} right-1.5`} />
      {onHide !== undefined && (
        <IconButton
          label={t("product.notInterested", { name: product.name })}
          onClick={onHide}
          className={`${overlayButton} left-1.5`}
        >
          <EyeOff aria-hidden="true" size={18} />
        </IconButton>
      )}
    </article>
  );
}

/** The list around it pulses. */
export function ProductTileSkeleton({ lines = 0 }: { lines?: number }) {
  return (
    <div>
      <Skeleton still className="aspect-square rounded-tile!" />
      <Skeleton still className="mt-3 h-3.5 w-1/3" />
      <Skeleton still className="mt-1.5 h-4 w-11/12" />
      <Skeleton still className="mt-1.5 h-4 w-2/3" />
      <Skeleton still className="mt-3.5 mb-3 h-4 w-1/4" />
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} still className="mt-1.5 h-3.5 w-2/3" />
      ))}
    </div>
  );
}
