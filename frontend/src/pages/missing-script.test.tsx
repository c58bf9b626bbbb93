import { screen } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { afterEach, expect, test, vi } from "vitest";

import { lazyPart } from "@/components/ui/lazy-part";
import { useMissingScript } from "@/hooks/use-missing-script";
import { MissingScriptPage } from "@/pages/missing-script";
import { renderComponent } from "@/testing/render";
import { server } from "@/testing/server";

const reload = vi.fn();

function stubReload() {
  const { href, origin, pathname, search } = window.location;
  vi.stubGlobal("location", { href, origin, pathname, search, reload });
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  reload.mockClear();
});

/** Also moves the timers of the test, by as much as it waits. */
const eventually = (check: () => void) => vi.waitFor(check, 8000);

/** Answer the question for the page that the shop serves now; `undefined` is a shop that is down. */
function serveRelease(entry: string | undefined) {
  const { href } = window.location;
  server.use(
    http.get(href, () =>
      entry === undefined
        ? HttpResponse.error()
        : HttpResponse.html(`<script type="module" crossorigin src="${entry}"></script>`),
    ),
  );
}

test("a page that was opened while the shop was down reloads once the new release is there", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  stubReload();
  serveRelease(undefined);
  const Page = lazyPart<object>(() => Promise.reject(new Error("gone")), MissingScriptPage);
  renderComponent(<Page />);
  await eventually(() => expect(screen.getByRole("alert")).toHaveTextContent("This page could not be loaded."));
  expect(reload).not.toHaveBeenCalled();

  serveRelease("/static/storefront/assets/index-two.js");
  await vi.advanceTimersByTimeAsync(10_000);

  await eventually(() => {
    expect(reload).toHaveBeenCalledOnce();
  });
});

function Opener() {
  const explain = useMissingScript();
  return <button onClick={() => void explain()}>Open</button>;
}

test("a part whose script is gone since the last release loads the page anew, once", async () => {
  stubReload();
  serveRelease("/static/storefront/assets/index-three.js");
  const { user } = renderComponent(<Opener />);

  await user.click(screen.getByRole("button", { name: "Open" }));
  await eventually(() => {
    expect(reload).toHaveBeenCalledOnce();
  });
  expect(screen.queryByText(/That did not work/)).toBeNull();
  await user.click(screen.getByRole("button", { name: "Open" }));

  expect((await screen.findAllByText(/A part of the shop did not arrive/))[0]).toBeVisible();
  expect(reload).toHaveBeenCalledOnce();
});

test("only a shop that does not answer is called unreachable", async () => {
  stubReload();
  serveRelease(undefined);
  const { user } = renderComponent(<Opener />);

  await user.click(screen.getByRole("button", { name: "Open" }));

  expect((await screen.findAllByText(/The shop could not be reached/))[0]).toBeVisible();
});
