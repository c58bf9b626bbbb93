import { type ReactNode, useState } from "react";

import { useTranslation } from "@/hooks/use-translation";

const shownAtFirst = 8;

interface FacetOption {
  value: string;
  label: string;
  product_count: number;
}

interface FacetOptionsProps {
  options: FacetOption[];
  chosen: readonly string[];
  onToggle: (value: string) => void;
}

/** Values of which several can be chosen. Of many, the first stand there, and those that are chosen. */
export function FacetOptions({ options, chosen, onToggle }: FacetOptionsProps) {
  const { t } = useTranslation();
  const [isWhole, setWhole] = useState(false);
  const shown = options.filter(
    ({ value }, position) => isWhole || position < shownAtFirst || chosen.includes(value),
  );
  return (
    <>
      <ul>
        {shown.map(({ value, label, product_count: count }) => (
          <li key={value}>
            <FacetCheckbox
              label={label}
              count={count}
              checked={chosen.includes(value)}
              onChange={() => {
                onToggle(value);
              }}
            />
          </li>
        ))}
      </ul>
      {options.length > shown.length && (
        <button
          type="button"
          onClick={() => {
            setWhole(true);
          }}
          className="min-h-11 text-sm underline underline-offset-4 lg:min-h-9"
        >
          {t("facets.more", { count: options.length - shown.length })}
        </button>
      )}
    </>
  );
}

interface FacetCheckboxProps {
  label: ReactNode;
  count: number;
  checked: boolean;
  /** Whether something below it is chosen. */
  isMixed?: boolean;
  onChange: () => void;
}

export function FacetCheckbox({ label, count, checked, isMixed = false, onChange }: FacetCheckboxProps) {
  return (
    <label className="flex min-h-11 items-center gap-2.5 text-sm lg:min-h-8">
      <input
        type="checkbox"
        ref={(box) => {
          if (box !== null) box.indeterminate = isMixed;
        }}
        checked={checked}
        onChange={onChange}
        className="size-5 shrink-0 accent-accent"
      />
      <span className="min-w-0 flex-1 wrap-anywhere">{label}</span>{" "}
      <span className="text-xs text-muted tabular-nums">{count}</span>
    </label>
  );
}
