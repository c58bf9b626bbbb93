import createClient, { type Middleware } from "openapi-fetch";

import { i18next } from "@/i18n";

import type { paths } from "./schema";

/** What the server, or the lack of one, had to say. `status` is 0 when nothing answered. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
  }
}

interface Problem {
  code?: unknown;
  title?: unknown;
  detail?: unknown;
}

function cookie(name: string): string | undefined {
  return document.cookie
    .split("; ")
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

const csrf: Middleware = {
  onRequest({ request }) {
    const token = cookie("csrftoken");
    if (request.method !== "GET" && token !== undefined) request.headers.set("X-CSRFToken", token);
    return request;
  },
  onError() {
    return new ApiError(0, "unreachable", i18next.t("trouble.unreachable"));
  },
};

export const client = createClient<paths>({
  baseUrl: globalThis.location.origin,
  credentials: "same-origin",
  // Looked up at each call: a fetch kept from the import could not be replaced.
  fetch: (request) => globalThis.fetch(request),
});
client.use(csrf);

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** Wait for an answer and return its data, or throw the `ApiError` that the server described. */
export async function answer<Data>(request: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await request;
  if (response.ok) return data as Data;
  const problem = (typeof error === "object" && error !== null ? error : {}) as Problem;
  const said = problem.detail ?? problem.title;
  throw new ApiError(
    response.status,
    typeof problem.code === "string" ? problem.code : "error",
    typeof said === "string" ? said : i18next.t("trouble.status", { status: response.status }),
  );
}

/** Whether asking once more may help: the server stumbled or nothing answered. */
export function isPassing(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
}
