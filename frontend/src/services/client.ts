import createClient, { type Middleware } from "openapi-fetch";

import { i18next } from "@/i18n";

import type { paths } from "./schema";

/** What the server, or the lack of one, had to say. `status` is 0 when nothing answered. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** Names of the fields that were refused. */
  readonly fields: string[];

  constructor(status: number, code: string, message: string, fields: string[] = []) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.fields = fields;
  }
}

interface Problem {
  code?: unknown;
  title?: unknown;
  detail?: unknown;
  errors?: { pointer: string }[];
}

/** Problems that the storefront has words of its own for, in the shopper's language. */
const translatedCodes = ["out_of_stock", "empty_cart", "throttled", "unavailable", "server_error"] as const;

function cookie(name: string): string | undefined {
  return document.cookie
    .split("; ")
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

const csrfAndLanguage: Middleware = {
  onRequest({ request }) {
    const token = cookie("csrftoken");
    if (request.method !== "GET" && token !== undefined) request.headers.set("X-CSRFToken", token);
    request.headers.set("Accept-Language", i18next.language);
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
client.use(csrfAndLanguage);

interface FetchResult<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** Wait for an answer and return its data, or throw the `ApiError` that the server described. */
export async function unwrap<Data>(request: Promise<FetchResult<Data>>): Promise<Data> {
  const { data, error, response } = await request;
  if (response.ok) return data as Data;
  const problem = (typeof error === "object" && error !== null ? error : {}) as Problem;
  throw new ApiError(
    response.status,
    typeof problem.code === "string" ? problem.code : "error",
    describeProblem(problem, response.status),
    problem.errors?.map(({ pointer }) => pointer.slice(1)),
  );
}

function describeProblem(problem: Problem, status: number): string {
  const known = translatedCodes.find((code) => code === problem.code);
  if (known !== undefined) return i18next.t(`problem.${known}`);
  const said = problem.detail ?? problem.title;
  return typeof said === "string" ? said : i18next.t("trouble.status", { status });
}

/** Whether asking once more may help: the server stumbled or nothing answered. */
export function isTransient(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
}
