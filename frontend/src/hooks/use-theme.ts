import { useSyncExternalStore } from "react";

type Theme = "light" | "dark";

const matchDarkMode = () => window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function getTheme(): Theme {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "light" || chosen === "dark") return chosen;
  return matchDarkMode().matches ? "dark" : "light";
}

function subscribe(listener: () => void): () => void {
  const media = matchDarkMode();
  listeners.add(listener);
  media.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    media.removeEventListener("change", listener);
  };
}

function setTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Storage is blocked: the choice lasts until the page is left.
  }
  for (const listener of listeners) listener();
}

/** The theme in use, and how to switch. The choice is kept in storage, where before-paint.js reads it. */
export function useTheme(): { theme: Theme; toggle: () => void } {
  const theme = useSyncExternalStore(subscribe, getTheme);
  return {
    theme,
    toggle: () => {
      setTheme(theme === "dark" ? "light" : "dark");
    },
  };
}
