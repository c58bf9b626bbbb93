import { PageRails } from "@/components/recommendations/page-rails";
import { useFirstHomeList } from "@/services/recommendations";

/** The first list of the home page, for pages that have nothing of their own to show. */
export function HomeRail() {
  return (
    <div className="mt-16">
      <PageRails lists={useFirstHomeList()} fallback={{}} />
    </div>
  );
}
