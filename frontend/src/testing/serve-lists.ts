import { http, HttpResponse } from "msw";

import { page } from "@/testing/builders";
import { server } from "@/testing/server";
import type { NamedList } from "@/services/types";

/** Let `/api/page/` return these lists for every page. */
export function serveLists(...lists: NamedList[]): void {
  server.use(http.get("*/api/page/", () => HttpResponse.json(page(...lists))));
}
