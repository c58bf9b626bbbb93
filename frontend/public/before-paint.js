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
