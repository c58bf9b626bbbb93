import { Heart, Minus, Plus } from "lucide-react";
import { useRef, useState } from "react";

import { Breadcrumbs } from "@/components/categories/breadcrumbs";
import { Gallery } from "@/components/products/gallery";
import { ProductPrice } from "@/components/products/product-price";
import { Stars } from "@/components/products/stars";
import { VariantChooser } from "@/components/products/variant-chooser";
import { Button, IconButton } from "@/components/ui/button";
import { useLike } from "@/hooks/use-like";
import { useCartActions } from "@/hooks/use-cart-actions";
import { useChosenVariant } from "@/hooks/use-chosen-variant";
import { useTranslation } from "@/hooks/use-translation";
import { getCategoryName } from "@/services/categories";
import type { ListPosition } from "@/services/events";
import type { Product, Variant } from "@/services/types";
import { listOpenOptions } from "@/services/variants";

const lowStock = 5;

interface ProductDetailsProps {
  product: Product;
  /** The served list that led to the product; sent with the shopper's interactions with it. */
  listPosition?: ListPosition | undefined;
}

/** Everything about a product, and the ways to buy or like it. */
export function ProductDetails({ product, listPosition }: ProductDetailsProps) {
  const { variant, choice, choose } = useChosenVariant(product);
  const groups = useRef<HTMLDivElement>(null);
  const offer = variant ?? product;
  return (
    <>
      <Breadcrumbs category={product.category} page={product.name} />
      <div className="grid gap-8 md:grid-cols-2 md:gap-12 lg:gap-20">
        <div className="@container md:sticky md:top-8 md:self-start">
          <Gallery key={variant?.image} product={putFirst(product, variant)} />
        </div>
        <div className="flex min-w-0 flex-col gap-6 md:py-4">
          <div>
            <p className="text-sm text-muted">{product.brand || getCategoryName(product.category)}</p>
            <h1 className="mt-1 text-2xl sm:text-3xl">{product.name}</h1>
            <div className="mt-3">
              <Stars rating={product.rating} />
            </div>
          </div>
          {/* Price and stock change with the variant, and while the page is open. */}
          <div className="flex flex-wrap items-baseline gap-x-4" aria-live="polite">
            <ProductPrice
              product={{ ...offer, currency: product.currency }}
              className="font-display text-2xl font-semibold"
            />
            <Stock stock={offer.stock} />
          </div>
          {product.has_variants && (
            <VariantChooser product={product} choice={choice} onChoose={choose} groups={groups} />
          )}
          <Actions
            key={variant?.id}
            product={product}
            variant={variant}
            listPosition={listPosition}
            toChoose={variant ? [] : listOpenOptions(product, choice)}
            onIncomplete={() => {
              groups.current
                ?.querySelector<HTMLElement>("fieldset:not(:has(:checked)) input:enabled")
                ?.focus();
            }}
          />
          <Description product={product} />
        </div>
      </div>
    </>
  );
}

/** Return the product with the variant's own picture first. */
function putFirst(product: Product, variant: Variant | undefined): Product {
  if (!variant?.image) return product;
  const others = product.images.filter(({ url }) => url !== variant.image);
  return { ...product, images: [{ url: variant.image, srcset: variant.image_srcset }, ...others] };
}

function Stock({ stock }: { stock: number }) {
  const { t } = useTranslation();
  if (stock === 0) return <p className="text-sm font-medium text-danger">{t("product.soldOut")}</p>;
  if (stock <= lowStock) {
    return <p className="text-sm font-medium text-amber">{t("product.lowStock", { count: stock })}</p>;
  }
  return <p className="text-sm font-medium text-accent">{t("product.inStock")}</p>;
}

interface ActionsProps extends ProductDetailsProps {
  variant: Variant | undefined;
  /** The names of the options of which nothing is chosen yet. */
  toChoose: string[];
  /** Called when the shopper wants to buy and something is still to be chosen. */
  onIncomplete: () => void;
}

function Actions({ product, variant, listPosition, toChoose, onIncomplete }: ActionsProps) {
  const { t } = useTranslation();
  const [quantity, setQuantity] = useState(1);
  const { liked, toggle } = useLike(product, listPosition);
  const { addToCart, buyNow, pending } = useCartActions(product, listPosition, variant);
  const [isAsking, setAsking] = useState(false);
  const { in_stock: inStock, stock } = variant ?? product;
  const onceChosen = (buy: (quantity: number) => void) => () => {
    setAsking(toChoose.length > 0);
    if (toChoose.length > 0) onIncomplete();
    else buy(quantity);
  };
  return (
    <div className="grid gap-3">
      {isAsking && toChoose.length > 0 && (
        <p role="alert" className="text-sm font-medium text-danger">
          {t("product.choose", { options: toChoose.join(", ") })}
        </p>
      )}
      <div className="flex flex-wrap gap-3">
        <div
          role="group"
          aria-label={t("product.quantity")}
          className="flex items-center rounded-full border border-line bg-surface"
        >
          <IconButton
            label={t("cart.fewer", { name: product.name })}
            disabled={quantity <= 1}
            onClick={() => {
              setQuantity(quantity - 1);
            }}
          >
            <Minus aria-hidden="true" size={16} />
          </IconButton>
          <output className="min-w-6 text-center text-sm font-semibold tabular-nums">{quantity}</output>
          <IconButton
            label={t("cart.more", { name: product.name })}
            disabled={quantity >= Math.min(stock, 99)}
            onClick={() => {
              setQuantity(quantity + 1);
            }}
          >
            <Plus aria-hidden="true" size={16} />
          </IconButton>
        </div>
        <Button
          disabled={!inStock}
          busy={pending}
          onClick={onceChosen(addToCart)}
          className="flex-1"
        >
          {t("product.add")}
        </Button>
      </div>
      <div className="flex gap-3">
        <Button
          variant="accent"
          disabled={!inStock || pending}
          onClick={onceChosen(buyNow)}
          className="flex-1"
        >
          {t("product.buy")}
        </Button>
        <Button variant="outline" aria-pressed={liked} onClick={toggle} className="flex-1 sm:flex-none">
          <Heart aria-hidden="true" size={17} className={liked ? "fill-current text-accent" : ""} />
          {t(liked ? "product.likedShort" : "product.likeShort")}
        </Button>
      </div>
    </div>
  );
}

function Description({ product }: { product: Product }) {
  const { t } = useTranslation();
  const details = Object.entries(product.attributes).filter(
    (detail): detail is [string, string | number | boolean] =>
      ["string", "number", "boolean"].includes(typeof detail[1]),
  );
  return (
    <div className="grid gap-6 border-t border-line pt-6">
      {product.description !== "" && (
        <div>
          <h2 className="text-base">{t("product.description")}</h2>
          <p className="mt-2 max-w-prose text-muted text-pretty whitespace-pre-line">
            {product.description}
          </p>
        </div>
      )}
      {details.length > 0 && (
        <div>
          <h2 className="text-base">{t("product.details")}</h2>
          <dl className="mt-2 grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1.5 text-sm">
            {details.map(([name, value]) => (
              <div key={name} className="col-span-2 grid grid-cols-subgrid">
                <dt className="text-muted capitalize wrap-anywhere">{name.replaceAll("_", " ")}</dt>
                <dd>{String(value)}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    </div>
  );
}
