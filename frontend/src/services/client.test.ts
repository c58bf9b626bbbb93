import { http, HttpResponse } from "msw";
import { afterEach, expect, test, vi } from "vitest";

import { changeLanguage } from "@/i18n";
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

test.each([
  ["en", "This needs cookies, and your browser did not send any."],
  ["de", "Dafür braucht es Cookies, und Ihr Browser hat keine gesendet."],
] as const)("a write that is refused for want of a cookie says so in plain words, in %s", async (language, sentence) => {
  await changeLanguage(language);
  server.use(
    http.post("*/api/auth/logout/", () =>
      HttpResponse.json({ code: "csrf_failed", detail: "CSRF Failed: CSRF cookie not set." }, { status: 403 }),
    ),
  );

  await expect(unwrap(client.POST("/api/auth/logout/", {}))).rejects.toThrow(sentence);

  await changeLanguage("en");
});
