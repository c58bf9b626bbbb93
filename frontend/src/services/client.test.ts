import { http, HttpResponse } from "msw";
import { afterEach, expect, test, vi } from "vitest";

import { client, unwrap } from "@/services/client";
import { server } from "@/testing/server";

afterEach(() => {
  vi.restoreAllMocks();
});

const fetchCategories = () => unwrap(client.GET("/api/categories/"));

test("a request that is never answered ends after fifteen seconds with a sentence", async () => {
  const limit = new AbortController();
  const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(limit.signal);
  server.use(
    http.get("*/api/categories/", () => {
      limit.abort(new DOMException("The time is over.", "TimeoutError"));
      return new Promise<never>(() => undefined);
    }),
  );

  await expect(fetchCategories()).rejects.toMatchObject({
    status: 0,
    code: "timeout",
    message: "The shop did not answer in time. Try again.",
  });
  expect(timeout).toHaveBeenCalledWith(15_000);
});

test("a page of somebody else in place of the answer is a shop that cannot be reached", async () => {
  server.use(http.get("*/api/categories/", () => HttpResponse.html("<h1>Sign in to this network</h1>")));

  await expect(fetchCategories()).rejects.toMatchObject({
    code: "unreachable",
    message: "The shop could not be reached. Check your connection, then try again.",
  });
});

test("an answer that breaks off is a shop that cannot be reached", async () => {
  server.use(
    http.get("*/api/categories/", () => {
      const body = new ReadableStream({
        start: (stream) => {
          stream.enqueue(new TextEncoder().encode('{"categories": ['));
          stream.error(new TypeError("network error"));
        },
      });
      return new HttpResponse(body, { headers: { "Content-Type": "application/json" } });
    }),
  );

  await expect(fetchCategories()).rejects.toMatchObject({ code: "unreachable" });
});
