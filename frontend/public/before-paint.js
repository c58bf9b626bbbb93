// Runs before the first paint: a chosen theme must not flash the other one, nor must the English
// words that the server draws be read by those whose words are on their way.
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
if (languages.find((name) => name === "en" || name === "de") === "de") {
  document.documentElement.dataset.words = "waited-for";
}
