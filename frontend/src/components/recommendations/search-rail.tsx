import { PageRails } from "@/components/recommendations/page-rails";
import { useSearchLists } from "@/services/recommendations";

/** The list beside a search, for words that find nothing. */
export function SearchRail({ words }: { words: string }) {
  return (
    <div className="mt-16">
      <PageRails lists={useSearchLists(words)} fallback={{}} />
    </div>
  );
}
