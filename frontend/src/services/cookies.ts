export function readCookie(name: string): string | undefined {
  return document.cookie
    .split("; ")
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

/** Whether the browser keeps the cookies of this shop; `navigator.cookieEnabled` overlooks some settings. */
export function keepsCookies(): boolean {
  document.cookie = "probe=1; SameSite=Lax";
  const isKept = readCookie("probe") !== undefined;
  document.cookie = "probe=; max-age=0; SameSite=Lax";
  return isKept;
}
