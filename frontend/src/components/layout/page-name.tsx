import { useState, useSyncExternalStore } from "react";

/** Tells screen readers the name of each page that opens; that of the first one the browser tells. */
export function PageName() {
  const title = useSyncExternalStore(subscribeToTitle, () => document.title);
  const [first] = useState(title);
  const [hasChanged, setHasChanged] = useState(false);
  if (!hasChanged && title !== first) setHasChanged(true);
  return (
    <p aria-live="polite" className="sr-only">
      {hasChanged ? title : ""}
    </p>
  );
}

/** The title may come later than the page: with the name of a product, for one. */
function subscribeToTitle(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.head, { childList: true, characterData: true, subtree: true });
  return () => {
    observer.disconnect();
  };
}
