// Runs before the first paint. Whoever chose a theme must not see a flash of the other one. The
// server renders the page in the shop's language: it is hidden from readers of another language.
const readChoice = (name) => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // Storage is blocked: the settings of system and browser count.
  }
};

const theme = readChoice("theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

const languages = [readChoice("language"), ...navigator.languages].map((name) => name?.slice(0, 2));
const shopLanguage = document.documentElement.lang;
if ((languages.find((name) => name === "en" || name === "de") ?? shopLanguage) !== shopLanguage) {
  document.documentElement.dataset.firstPaint = "hidden";
}

// Without the scripts of the shop the page stays as the server rendered it. Then it says so, and
// shows what it has for readers without JavaScript.
const scriptWaitMilliseconds = 30_000;
const showNotice = () => {
  const parts = document.querySelectorAll("#first-paint noscript");
  if (parts.length === 0) return;
  document.documentElement.dataset.firstPaint = "final";
  for (const part of parts) part.outerHTML = part.textContent;
};
// A script that does not arrive tells its element; one that arrives cut off tells the window.
const isBroken = ({ target, error }) =>
  (target instanceof HTMLScriptElement && target.type === "module") || error instanceof SyntaxError;
addEventListener("error", (event) => isBroken(event) && showNotice(), true);
addEventListener("load", () => setTimeout(showNotice, scriptWaitMilliseconds));
