import { execFileSync } from "node:child_process";

/** A port that nobody listens on. Playwright's settings cannot wait, so a process asks for one. */
export function freePort(): number {
  const ask =
    "const s=require('net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})";
  return Number(execFileSync(process.execPath, ["-e", ask], { encoding: "utf8" }));
}
