// Runs before the first paint. A chosen theme must not flash the other one. The server draws the
// page in the shop's language; shoppers of another language must not see those words.
const chosen = (name) => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // Storage is blocked: what the system and the browser say counts.
  }
};

const theme = chosen("theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

const languages = [chosen("language"), ...navigator.languages].map((name) => name?.slice(0, 2));
const drawn = document.documentElement.lang;
if ((languages.find((name) => name === "en" || name === "de") ?? drawn) !== drawn) {
  document.documentElement.dataset.words = "waited-for";
}
