import { PageRails } from "@/components/recommendations/page-rails";
import { useFirstHomeList } from "@/services/recommendations";

/** A shelf for whoever did not find what they came for. */
export function HomeRail() {
  return (
    <div className="mt-16">
      <PageRails lists={useFirstHomeList()} fallback={{}} />
    </div>
  );
}
