const maxWaitMilliseconds = 10_000;

let firstRequest: Promise<void> | undefined;

/**
 * Send a request that gives a visitor without an id a new one.
 *
 * The first such request sets the visitor's cookie. Until it is answered, further ones wait: sent
 * at the same time, each would get an id of its own, and what the visitor did under one of them
 * would be lost.
 */
export async function sendWithVisitorId<Result>(send: () => Promise<Result>): Promise<Result> {
  if (firstRequest !== undefined) {
    await Promise.race([
      firstRequest,
      new Promise((resolve) => setTimeout(resolve, maxWaitMilliseconds)),
    ]);
    return send();
  }
  const result = send();
  firstRequest = result.then(
    () => undefined,
    () => {
      firstRequest = undefined;
    },
  );
  return result;
}
