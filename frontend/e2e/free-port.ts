import { execFileSync } from "node:child_process";

/** Return a free port. The configuration cannot await one, so a process of its own finds it. */
export function findFreePort(): number {
  const ask =
    "const s=require('net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})";
  return Number(execFileSync(process.execPath, ["-e", ask], { encoding: "utf8" }));
}
