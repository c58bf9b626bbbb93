// Writes a gzip and a brotli copy beside each file of the build, unless the copy would be larger. The
// server sends these copies instead of compressing per request, so the best level costs no request any time.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const folder = new URL("../dist/", import.meta.url);
const compressible = /\.(css|js|svg)$/;

for (const name of readdirSync(folder, { recursive: true })) {
  if (!compressible.test(name)) continue;
  const file = new URL(name, folder);
  const content = readFileSync(file);
  const copies = {
    gz: gzipSync(content, { level: 9 }),
    br: brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }),
  };
  for (const [ending, copy] of Object.entries(copies)) {
    if (copy.length < content.length) writeFileSync(`${file.pathname}.${ending}`, copy);
  }
}
