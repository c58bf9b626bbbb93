import { type RefObject } from "react";

import { useTranslation } from "@/hooks/use-translation";
import type { Product } from "@/services/types";
import { type Choice, getValueState } from "@/services/variants";

const value =
  "inline-flex min-h-11 min-w-11 cursor-pointer items-center justify-center gap-1.5 rounded-full border " +
  "border-line bg-surface px-4 text-sm transition-colors hover:border-ink " +
  "has-checked:border-ink has-checked:bg-ink has-checked:text-paper " +
  "forced-colors:has-checked:forced-color-adjust-none forced-colors:has-checked:border-[Highlight] " +
  "forced-colors:has-checked:bg-[Highlight] forced-colors:has-checked:text-[HighlightText] " +
  "has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent " +
  "forced-colors:has-focus-visible:outline-[CanvasText]";
const unavailable = "cursor-not-allowed border-dashed hover:border-line not-has-checked:text-muted";

interface VariantChooserProps {
  product: Product;
  choice: Choice;
  onChoose: (name: string, value: string) => void;
  /** The element around all groups, to find what is still to be chosen. */
  groups: RefObject<HTMLDivElement | null>;
}

/**
 * The options of a product, each a group of radio buttons: arrow keys walk through a group.
 *
 * What is sold out, or does not exist with what is chosen above, is shown and cannot be chosen.
 */
export function VariantChooser({ product, choice, onChoose, groups }: VariantChooserProps) {
  const { t } = useTranslation();
  return (
    <div ref={groups} className="grid gap-4">
      {product.options.map(({ name, values }) => (
        <fieldset key={name}>
          <legend className="mb-2 text-sm font-semibold">{name}</legend>
          <div className="flex flex-wrap gap-2">
            {values.map((text) => {
              const state = getValueState(product, choice, name, text);
              return (
                <label
                  key={text}
                  className={`${value} ${state === "available" ? "" : unavailable}`}
                  {...(state === "missing" && { title: t("product.notMade") })}
                >
                  <input
                    type="radio"
                    name={name}
                    value={text}
                    checked={choice[name] === text}
                    disabled={state !== "available"}
                    onChange={() => {
                      onChoose(name, text);
                    }}
                    className="sr-only"
                  />
                  <span className={state === "available" ? "" : "line-through"}>{text}</span>{" "}
                  {state === "sold-out" && <span className="text-xs">{t("product.soldOut")}</span>}
                  {state === "missing" && <span className="sr-only">{t("product.notMade")}</span>}
                </label>
              );
            })}
          </div>
        </fieldset>
      ))}
    </div>
  );
}
