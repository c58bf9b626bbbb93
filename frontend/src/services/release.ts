const timeLimitMilliseconds = 15_000;
const entryScript = /<script type="module"[^>]* src="([^"]+)"/;
const storageKey = "reloaded-for";

/** Return the first script that the server's page names now; undefined if the shop does not answer. */
async function fetchEntryScript(): Promise<string | undefined> {
  try {
    const page = await fetch(window.location.href, {
      cache: "no-store",
      signal: AbortSignal.timeout(timeLimitMilliseconds),
    });
    return entryScript.exec(await page.text())?.[1];
  } catch {
    return undefined;
  }
}

/**
 * Reload the page if the shop has a new release, whose files replaced those of this page.
 *
 * A tab does this once for each release: if the reload did not help, the next one would not.
 * Return whether the page is being reloaded, and if not, whether the shop answers.
 */
export async function reloadForNewRelease(): Promise<"reloading" | "answers" | "unreachable"> {
  const entry = await fetchEntryScript();
  if (entry === undefined) return "unreachable";
  if ([...document.scripts].some((script) => script.getAttribute("src") === entry)) return "answers";
  try {
    const releases = (sessionStorage.getItem(storageKey) ?? "").split(" ");
    if (releases.includes(entry)) return "answers";
    sessionStorage.setItem(storageKey, [...releases, entry].join(" "));
  } catch {
    return "answers"; // Storage is blocked: nothing would stop a second reload.
  }
  window.location.reload();
  return "reloading";
}

/** Reload the page if the shop answers; without an answer a reload would lose what is on screen. */
export async function reloadIfReachable(): Promise<void> {
  if ((await fetchEntryScript()) !== undefined) window.location.reload();
}
