import { type KeyboardEvent, useRef, useState } from "react";

import { ProductPicture } from "@/components/products/product-picture";
import { useTranslation } from "@/hooks/use-translation";
import type { Product } from "@/services/types";

const sizes = "(min-width: 78rem) 34rem, (min-width: 48rem) 45vw, 92vw";

/** The pictures of a product: a large one, and a strip to choose it from by pointer or arrow keys. */
export function Gallery({ product }: { product: Product }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState(0);
  const strip = useRef<HTMLDivElement>(null);
  const { images } = product;
  const shown = images[chosen];
  const pictureLabel = (position: number) =>
    t("product.picture", { number: position + 1, total: images.length });
  const handleKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowLeft: chosen - 1, ArrowRight: chosen + 1, Home: 0, End: -1 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const position = (step + images.length) % images.length;
    setChosen(position);
    strip.current?.querySelectorAll<HTMLElement>("[role=tab]")[position]?.focus();
  };

  const largePicture = (
    <ProductPicture
      product={{ ...product, image: shown?.url ?? null, image_srcset: shown?.srcset ?? "" }}
      alt={images.length > 1 ? `${product.name}, ${pictureLabel(chosen)}` : product.name}
      sizes={sizes}
      eager
    />
  );
  if (images.length < 2) return largePicture;
  return (
    <>
      <div role="tabpanel" id="picture" aria-labelledby={`picture-${chosen}`}>
        {largePicture}
      </div>
      <div
        ref={strip}
        role="tablist"
        aria-label={t("product.pictures")}
        className="-m-1 mt-2 flex gap-2 overflow-x-auto p-1 [scrollbar-width:none] sm:gap-3"
      >
        {images.map((image, position) => (
          <button
            key={image.url}
            type="button"
            role="tab"
            id={`picture-${position}`}
            aria-controls="picture"
            aria-selected={position === chosen}
            aria-label={pictureLabel(position)}
            tabIndex={position === chosen ? 0 : -1}
            onKeyDown={handleKeyDown}
            onClick={() => {
              setChosen(position);
            }}
            className="w-16 shrink-0 rounded-xl border-2 border-transparent p-0.5 transition-colors hover:border-line aria-selected:border-accent sm:w-20 forced-colors:border-[Canvas] forced-colors:aria-selected:border-[Highlight]"
          >
            <ProductPicture
              product={{ ...product, image: image.url, image_srcset: image.srcset }}
              sizes="5rem"
              className="rounded-lg!"
            />
          </button>
        ))}
      </div>
    </>
  );
}
