import { Minus, Plus, Trash2 } from "lucide-react";
import { Link } from "react-router";

import { Price } from "@/components/products/price";
import { ProductPicture } from "@/components/products/product-picture";
import { IconButton } from "@/components/ui/button";
import { useMoney } from "@/hooks/use-money";
import { useTranslation } from "@/hooks/use-translation";
import { useSetQuantity } from "@/services/cart";
import type { Cart, CartLine } from "@/services/types";
import { getProductAddress, nameVariant, showVariant } from "@/services/variants";

/** The products in the cart, each with buttons that change its quantity. */
export function CartLines({ cart, onNavigate }: { cart: Cart; onNavigate?: () => void }) {
  return (
    <ul className="divide-y divide-line">
      {cart.items.map((line) => (
        <CartLineRow key={`${line.product.id} ${line.variant?.id}`} line={line} {...(onNavigate && { onNavigate })} />
      ))}
    </ul>
  );
}

function CartLineRow({ line, onNavigate }: { line: CartLine; onNavigate?: () => void }) {
  const { t } = useTranslation();
  const money = useMoney();
  const cart = useSetQuantity();
  const { product, variant, quantity } = line;
  const name = nameVariant(product.name, variant?.name);
  const inStock = (variant ?? product).in_stock;
  const setQuantity = (wanted: number) => {
    cart.mutate({ productId: product.id, variantId: variant?.id, quantity: wanted });
  };
  return (
    <li className="flex gap-4 py-4" aria-busy={cart.isPending}>
      <div className="w-20 shrink-0 @container">
        <ProductPicture product={showVariant(product, variant)} className="rounded-xl!" />
      </div>
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <div className="flex flex-wrap justify-between gap-x-3">
          <Link
            to={getProductAddress(product.id, variant?.id)}
            {...(onNavigate && { onClick: onNavigate })}
            className="line-clamp-2 min-w-0 flex-1 basis-20 text-sm font-semibold wrap-anywhere underline-offset-4 hover:underline"
          >
            {product.name}
          </Link>
          <Price amount={line.line_total} currency={product.currency} className="text-sm font-semibold" />
        </div>
        {variant !== null && <p className="text-xs text-muted">{variant.name}</p>}
        {quantity > 1 && (
          <p className="text-xs text-muted">
            {t("cart.each", { price: money(line.price, product.currency) })}
          </p>
        )}
        <div className="mt-auto flex items-center justify-between">
          <div className="-ml-2 flex items-center">
            <IconButton
              label={t("cart.fewer", { name })}
              disabled={cart.isPending || quantity === 1}
              onClick={() => {
                setQuantity(quantity - 1);
              }}
            >
              <Minus aria-hidden="true" size={16} />
            </IconButton>
            <span className="min-w-6 text-center text-sm tabular-nums" aria-live="polite">
              {quantity}
            </span>
            <IconButton
              label={t("cart.more", { name })}
              disabled={cart.isPending || !inStock}
              onClick={() => {
                setQuantity(quantity + 1);
              }}
            >
              <Plus aria-hidden="true" size={16} />
            </IconButton>
          </div>
          <IconButton
            label={t("cart.remove", { name })}
            disabled={cart.isPending}
            onClick={() => {
              setQuantity(0);
            }}
            className="-mr-2 text-muted"
          >
            <Trash2 aria-hidden="true" size={17} />
          </IconButton>
        </div>
      </div>
    </li>
  );
}
