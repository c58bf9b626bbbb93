const maxWaitMilliseconds = 10_000;

/** Requests whose answer gives a visitor without an id a new one. */
const writesWithId = /\/api\/(cart|interactions|likes|not-interested|orders)\//;
const listsWithId = /\/api\/(page|recommendations|recently-viewed|search)\/(?!suggestions)/;

let hasId = false;
let firstRequest: Promise<void> | undefined;

/**
 * Send a request, unless it may give the visitor an id while another such request is not answered.
 *
 * The first of them sets the visitor's cookie. Until it is answered, every write and every personal
 * list waits: sent at the same time, each would get an id of its own, and what the visitor did under
 * one of them would be lost.
 */
export async function sendWithVisitorId(
  request: Request,
  send: () => Promise<Response>,
  deadline = Date.now() + maxWaitMilliseconds,
): Promise<Response> {
  const { pathname } = new URL(request.url);
  const isRead = request.method === "GET";
  if (hasId || (isRead && !listsWithId.test(pathname))) return send();
  if (firstRequest !== undefined) {
    const waitMilliseconds = deadline - Date.now();
    if (waitMilliseconds <= 0) return send();
    await Promise.race([
      firstRequest,
      new Promise((resolve) => setTimeout(resolve, waitMilliseconds)),
    ]);
    // If the first request failed, only the next one goes, and the others wait for that one.
    return sendWithVisitorId(request, send, deadline);
  }
  const sent = send();
  if (isRead || (request.method !== "DELETE" && writesWithId.test(pathname))) {
    const first = sent
      .then(
        ({ ok }) => ok,
        () => false,
      )
      .then((ok) => {
        if (firstRequest !== first) return;
        hasId = ok;
        firstRequest = undefined;
      });
    firstRequest = first;
  }
  return sent;
}

/** Say whether the visitor has an id. Where it is gone or may change, the next request gets one. */
export function setHasVisitorId(isKnown: boolean): void {
  hasId = isKnown;
  firstRequest = undefined;
}
