import createClient, { type Middleware } from "openapi-fetch";

import { getLanguage, t } from "@/i18n";

import { readCookie } from "./cookies";
import type { paths } from "./schema";
import { tabId } from "./tab";
import { sendWithVisitorId } from "./visitor-id";

/** Longer than the slowest answer over a slow connection; the shop itself answers within four seconds. */
const timeLimitMilliseconds = 15_000;

/** An error response of the API, or no response at all: then `status` is 0. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** Names of the fields that the server did not accept. */
  readonly fields: string[];
  /** The whole problem that the server described. */
  readonly problem: object;

  constructor(status: number, code: string, message: string, problem: Problem = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.fields = problem.errors?.map(({ pointer }) => pointer.slice(1)) ?? [];
    this.problem = problem;
  }
}

interface Problem {
  code?: unknown;
  title?: unknown;
  detail?: unknown;
  errors?: { pointer: string }[];
}

/** Problem codes whose message the storefront translates itself, under `problem` in its texts. */
const translatedCodes = ["out_of_stock", "empty_cart", "order_changed", "throttled", "busy", "locked_out", "csrf_failed", "unavailable", "server_error"] as const;

const ownHeaders: Middleware = {
  onRequest({ request }) {
    const token = readCookie("csrftoken");
    if (request.method !== "GET" && token !== undefined) request.headers.set("X-CSRFToken", token);
    request.headers.set("Accept-Language", getLanguage());
    if (request.method !== "GET") request.headers.set("X-Tab", tabId);
    return request;
  },
  onError({ error }) {
    return explainSilence(error);
  },
};

/** The error of a request without an answer of the shop: no network, another's page, or too late. */
function explainSilence(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const isLate = error instanceof DOMException && error.name === "TimeoutError";
  return isLate
    ? new ApiError(0, "timeout", t("failure.timeout"))
    : new ApiError(0, "unreachable", t("failure.unreachable"));
}

function sendInTime(request: Request): Promise<Response> {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeLimitMilliseconds)]);
  // Looked up at each call, so that tests can replace fetch after this module was imported.
  return globalThis.fetch(request, { signal });
}

export const client = createClient<paths>({
  baseUrl: globalThis.location.origin,
  credentials: "same-origin",
  fetch: (request) => sendWithVisitorId(request, () => sendInTime(request)),
});
client.use(ownHeaders);

interface FetchResult<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** Return the data of a response, or throw an `ApiError` with the problem that the server described. */
export async function unwrap<Data>(request: Promise<FetchResult<Data>>): Promise<Data> {
  const { data, error, response } = await request.catch((failure: unknown) => {
    throw explainSilence(failure);
  });
  if (response.ok) return data as Data;
  const problem = (typeof error === "object" && error !== null ? error : {}) as Problem;
  throw new ApiError(
    response.status,
    typeof problem.code === "string" ? problem.code : "error",
    describeProblem(problem, response.status),
    problem,
  );
}

function describeProblem(problem: Problem, status: number): string {
  const known = translatedCodes.find((code) => code === problem.code);
  if (known !== undefined) return t(`problem.${known}`);
  const text = problem.detail ?? problem.title;
  return typeof text === "string" ? text : t("failure.status", { status });
}

/** Whether a retry may help: the server failed (5xx) or nothing answered. */
export function isTransient(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
}

/** Whether the shopper has waited long already: the time limit passed without an answer. */
export const isTimeout = (error: unknown) => error instanceof ApiError && error.code === "timeout";
