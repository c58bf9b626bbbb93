import { delay, http, HttpResponse } from "msw";
import { beforeEach, expect, test, vi } from "vitest";

import schema from "@/services/schema.ts?raw";
import { server } from "@/testing/server";

let client: (typeof import("@/services/client"))["client"];
let sent: string[];

beforeEach(async () => {
  // The module remembers the first request of a page.
  vi.resetModules();
  ({ client } = await import("@/services/client"));
  sent = [];
});

/** Every write of the API, as the schema lists them: its method and its path. */
const writes = schema
  .split(/^ {4}"(?=\/api\/)/m)
  .slice(1)
  .flatMap((part) => {
    const path = part.slice(0, part.indexOf('"'));
    return [...part.matchAll(/^ {8}(post|patch|put|delete): /gm)].map(([, method = ""]) => ({
      method: method.toUpperCase(),
      path,
    }));
  });

const request = (method: string, path: string) =>
  // The paths come from the schema, so their types are lost.
  (client as unknown as Record<string, (path: string, init: object) => Promise<{ response: Response }>>)[method]?.(path, {
    params: { path: { product_id: 7, user_id: 7 } },
    body: {},
  });

/** Answer the lists of the page when the test says so, everything else at once. */
function holdLists(): (response: Response) => void {
  let answer: (response: Response) => void = () => undefined;
  const answered = new Promise<Response>((resolve) => (answer = resolve));
  server.use(
    http.all("*/api/*", async ({ request: { method, url } }) => {
      const { pathname } = new URL(url);
      sent.push(`${method} ${pathname}`);
      return pathname === "/api/page/" && sent.length === 1 ? answered : HttpResponse.json({});
    }),
  );
  return answer;
}

const fetchLists = () => client.GET("/api/page/", { params: { query: { placement: "home" } } });

test("the schema has writes of which each is tried", () => {
  expect(writes).toContainEqual({ method: "POST", path: "/api/likes/" });
  expect(writes).toContainEqual({ method: "DELETE", path: "/api/not-interested/{product_id}/" });
  expect(writes.length).toBeGreaterThan(15);
});

test.each(writes)("on a first visit $method $path waits for the request that sets the visitor's cookie", async ({ method, path }) => {
  const answer = holdLists();
  const lists = fetchLists();
  await expect.poll(() => sent).toEqual(["GET /api/page/"]);

  const write = request(method, path);
  await delay(20);
  const sentBefore = [...sent];
  answer(HttpResponse.json({}));
  await Promise.all([lists, write]);

  expect(sentBefore).toEqual(["GET /api/page/"]);
  expect(sent).toEqual(["GET /api/page/", `${method} ${path.replace(/\{\w+\}/, "7")}`]);
});

test("of several likes in the first moment one is sent, and the others once it is answered", async () => {
  let answer: (response: Response) => void = () => undefined;
  const products: number[] = [];
  server.use(
    http.post("*/api/likes/", async ({ request: { url }, request: like }) => {
      products.push(((await like.json()) as { product_id: number }).product_id);
      sent.push(url);
      return products.length === 1 ? new Promise<Response>((resolve) => (answer = resolve)) : HttpResponse.json({});
    }),
  );
  const likes = [1, 2, 3].map((product_id) => client.POST("/api/likes/", { body: { product_id } }));
  await expect.poll(() => products).toEqual([1]);
  await delay(20);
  const before = [...products];

  answer(HttpResponse.json({}));
  await Promise.all(likes);

  expect(before).toEqual([1]);
  expect(products).toEqual([1, 2, 3]);
});

test("when the first request fails, the next one is sent and others wait for it", async () => {
  const products: number[] = [];
  let answer: (response: Response) => void = () => undefined;
  server.use(
    http.post("*/api/likes/", async ({ request: like }) => {
      products.push(((await like.json()) as { product_id: number }).product_id);
      if (products.length === 1) return new HttpResponse(null, { status: 503 });
      return products.length === 2 ? new Promise<Response>((resolve) => (answer = resolve)) : HttpResponse.json({});
    }),
  );
  const likes = [1, 2, 3].map((product_id) => client.POST("/api/likes/", { body: { product_id } }));
  await expect.poll(() => products).toEqual([1, 2]);
  await delay(20);
  const before = [...products];

  answer(HttpResponse.json({}));
  await Promise.all(likes);

  expect(before).toEqual([1, 2]);
  expect(products).toEqual([1, 2, 3]);
});

test("what is the same for everybody does not wait", async () => {
  const answer = holdLists();
  const lists = fetchLists();
  await expect.poll(() => sent).toEqual(["GET /api/page/"]);

  await client.GET("/api/categories/");
  answer(HttpResponse.json({}));
  await lists;

  expect(sent).toEqual(["GET /api/page/", "GET /api/categories/"]);
});

test("a first request that is never answered holds others up for ten seconds only", async () => {
  vi.useFakeTimers();
  const { sendWithVisitorId } = await import("@/services/visitor-id");
  const like = new Request("http://shop.example/api/likes/", { method: "POST" });
  void sendWithVisitorId(like, () => new Promise(() => undefined));
  const second = sendWithVisitorId(like, () => Promise.resolve(new Response("recorded")));

  await vi.advanceTimersByTimeAsync(10_000);

  expect(await (await second).text()).toBe("recorded");
  vi.useRealTimers();
});
