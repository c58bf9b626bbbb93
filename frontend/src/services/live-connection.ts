import { onlineManager } from "@tanstack/react-query";

/** What changed, so that the page asks the shop again. */
export interface News {
  type: string;
  /** Of news about products: which; without them, any may have changed. */
  ids?: number[];
}

interface Listener {
  hear: (news: News) => void;
  /** Called when news may have been missed. */
  catchUp: () => void;
}

/** The shop says something every 25 seconds. */
const silenceMilliseconds = 60_000;
const firstDelayMilliseconds = 1_000;
const maxDelayMilliseconds = 60_000;
/** How often a page without a socket asks. */
const pollMilliseconds = 60_000;
/** The shopper has more pages open than the shop speaks to. */
const tooMany = 4008;

/**
 * Listen for news while the page is visible; returns a function that stops this.
 *
 * A socket that breaks is opened again, ever later, and at another moment than those of other pages.
 * Meanwhile, and where sockets do not pass, the page asks every minute.
 */
export function listenForNews(path: string, { hear, catchUp }: Listener): () => void {
  let socket: WebSocket | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let mayHaveMissedNews = false;

  const isOpen = () => socket?.readyState === WebSocket.OPEN;
  const isWanted = () => document.visibilityState === "visible" && onlineManager.isOnline();

  const leave = () => {
    clearTimeout(retry);
    clearTimeout(silence);
    mayHaveMissedNews = true;
    const left = socket;
    socket = undefined;
    left?.close();
  };
  const retryLater = () => {
    const delay = Math.min(firstDelayMilliseconds * 2 ** failures, maxDelayMilliseconds);
    failures += 1;
    retry = setTimeout(connect, delay * (0.5 + Math.random()));
  };
  const expectSound = () => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      leave();
      retryLater();
    }, silenceMilliseconds);
  };
  const connect = () => {
    if (!isWanted() || socket !== undefined) return;
    const opened = new WebSocket(path);
    socket = opened;
    opened.onopen = () => {
      expectSound();
      if (mayHaveMissedNews) catchUp();
      mayHaveMissedNews = false;
    };
    opened.onmessage = ({ data }: MessageEvent<string>) => {
      failures = 0;
      expectSound();
      const news = JSON.parse(data) as News;
      if (news.type !== "beat") hear(news);
    };
    opened.onclose = ({ code }) => {
      if (socket !== opened) return;
      leave();
      if (code !== tooMany && isWanted()) retryLater();
    };
  };
  const followVisibility = () => {
    if (!isWanted()) leave();
    else if (socket === undefined) {
      clearTimeout(retry);
      failures = 0;
      connect();
    }
  };
  const poll = setInterval(() => {
    if (isWanted() && !isOpen()) catchUp();
  }, pollMilliseconds);

  document.addEventListener("visibilitychange", followVisibility);
  const forgetNetwork = onlineManager.subscribe(followVisibility);
  connect();
  return () => {
    document.removeEventListener("visibilitychange", followVisibility);
    forgetNetwork();
    clearInterval(poll);
    leave();
  };
}
