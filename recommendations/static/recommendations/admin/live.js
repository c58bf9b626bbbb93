/*
 * Elements with `data-live` follow a topic: one with `data-live-reload` loads the page again when there
 * is news, another is shown then. Without a socket, pages that reload by themselves do so every few
 * seconds.
 */
(() => {
  const longestPause = 60_000;
  const pollMilliseconds = 4_000;
  const followers = [...document.querySelectorAll("[data-live]")];
  if (followers.length === 0) return;

  let socket;
  let failures = 0;
  let isReloading = false;

  const reload = () => {
    if (isReloading || document.visibilityState !== "visible") return;
    isReloading = true;
    // Progress comes in steps; not each is worth a page.
    setTimeout(() => location.reload(), 1_000);
  };
  const tell = (topic) => {
    for (const follower of followers.filter(({ dataset }) => dataset.live === topic)) {
      if ("liveReload" in follower.dataset) reload();
      else follower.hidden = false;
    }
  };
  const connect = () => {
    if (document.visibilityState !== "visible" || socket !== undefined) return;
    const opened = new WebSocket("/ws/staff/");
    socket = opened;
    opened.onmessage = ({ data }) => {
      failures = 0;
      tell(JSON.parse(data).type);
    };
    opened.onclose = () => {
      if (socket !== opened) return;
      socket = undefined;
      failures += 1;
      setTimeout(connect, Math.min(1_000 * 2 ** failures, longestPause) * (0.5 + Math.random()));
    };
  };
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") connect();
    else {
      const left = socket;
      socket = undefined;
      left?.close();
    }
  });
  setInterval(() => {
    const isListening = socket?.readyState === WebSocket.OPEN;
    if (!isListening && followers.some(({ dataset }) => "liveReload" in dataset)) reload();
  }, pollMilliseconds);
  connect();
})();
