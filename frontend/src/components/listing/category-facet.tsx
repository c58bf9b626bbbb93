import { FacetCheckbox } from "@/components/listing/facet-options";
import type { Facets } from "@/services/products";

const separator = " > ";
const isBelow = (path: string, above: string) => path.startsWith(above + separator);

interface CategoryFacetProps {
  categories: Facets["categories"];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

/** The categories below a listing as a tree. A category stands for those below it: only one of them is chosen. */
export function CategoryFacet({ categories, chosen, onChange }: CategoryFacetProps) {
  const known = new Set(categories.map(({ path }) => path));
  const toggle = (path: string) => {
    const others = chosen.filter((one) => one !== path && !isBelow(one, path) && !isBelow(path, one));
    onChange(chosen.includes(path) ? others : [...others, path]);
  };
  const renderLevel = (level: Facets["categories"]) => (
    <ul>
      {level.map(({ path, name, product_count: count }) => {
        const below = categories.filter(({ parent }) => parent === path);
        return (
          <li key={path}>
            <FacetCheckbox
              label={name}
              count={count}
              checked={chosen.includes(path)}
              isMixed={chosen.some((one) => isBelow(one, path))}
              onChange={() => {
                toggle(path);
              }}
            />
            {below.length > 0 && <div className="ml-5">{renderLevel(below)}</div>}
          </li>
        );
      })}
    </ul>
  );
  return renderLevel(categories.filter(({ parent }) => parent === null || !known.has(parent)));
}
