import type { ProductCard } from "@/services/types";

interface ProductPictureProps {
  product: Pick<ProductCard, "name" | "category" | "image" | "image_srcset">;
  /** Fetch it at once, with high priority: for pictures in view when the page opens. */
  eager?: boolean;
  /** Empty where the name of the product stands beside the picture. */
  alt?: string;
  /** The `sizes` of the image, by which the browser chooses among the widths of a photograph. */
  sizes?: string;
  className?: string;
}

/** The widths of a picture in a grid or a carousel. */
const tileSizes = "(min-width: 64rem) 18rem, (min-width: 40rem) 30vw, 46vw";

/** A square picture of the product, or a tinted tile with its initial where there is none. */
export function ProductPicture({
  product,
  eager = false,
  alt = "",
  sizes = tileSizes,
  className = "",
}: ProductPictureProps) {
  const frame = `relative aspect-square overflow-hidden rounded-tile bg-sunken ${className}`;
  if (product.image === null) {
    return (
      <div
        className={`${frame} grid place-items-center forced-colors:border`}
        style={{
          background: `light-dark(oklch(0.93 0.035 ${computeHue(product.category)}), oklch(0.3 0.04 ${computeHue(product.category)}))`,
        }}
        {...(alt === "" ? { "aria-hidden": true } : { role: "img", "aria-label": alt })}
      >
        <span
          className="font-display text-[clamp(2.5rem,22cqw,7rem)] font-semibold select-none"
          style={{
            color: `light-dark(oklch(0.45 0.09 ${computeHue(product.category)}), oklch(0.82 0.08 ${computeHue(product.category)}))`,
          }}
        >
          {getFirstCharacter(product.name)}
        </span>
      </div>
    );
  }
  return (
    <div className={frame}>
      <img
        src={product.image}
        {...(product.image_srcset !== "" && { srcSet: product.image_srcset, sizes })}
        alt={alt}
        width={480}
        height={480}
        loading={eager ? "eager" : "lazy"}
        fetchPriority={eager ? "high" : "auto"}
        decoding="async"
        className="size-full object-cover"
      />
    </div>
  );
}

function getFirstCharacter(name: string): string {
  return /[\p{L}\p{N}]/u.exec(name)?.[0].toUpperCase() ?? "·";
}

/** The hue of a category, so that its products share a tint. */
function computeHue(category: string): number {
  let sum = 0;
  for (const letter of category) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360;
  return sum;
}
