// Makes serving/static/built/ from assets/: one style sheet and one script, each under a name that
// holds its content's hash, compressed beforehand, and a manifest that gives the names.
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { compile, Logger } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const out = join(root, "serving", "static", "built");

function styles() {
  const { css } = compile(join(here, "scss", "secondlook.scss"), {
    loadPaths: [root, join(root, "node_modules")],
    style: "compressed",
    quietDeps: true,
    logger: Logger.silent,
  });
  // a rule of a component that shows a picture which we do not ship
  return Buffer.from(css.replace(/[^{}]*\{[^{}]*url\(\/assets\/[^{}]*\}/g, ""));
}

async function script() {
  const made = await build({
    entryPoints: [join(here, "js", "main.js")],
    bundle: true,
    format: "esm",
    legalComments: "none",
    minify: true,
    target: "es2020",
    write: false,
  });
  return Buffer.from(made.outputFiles[0].contents);
}

function put(name, ending, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
  const file = `${name}-${hash}.${ending}`;
  const best = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  writeFileSync(join(out, file), content);
  writeFileSync(join(out, `${file}.gz`), gzipSync(content, { level: 9 }));
  const small = brotliCompressSync(content, best);
  writeFileSync(join(out, `${file}.br`), small);
  console.log(`${file}: ${content.length} bytes, ${small.length} compressed`);
  return file;
}

const made = { "secondlook.css": styles(), "secondlook.js": await script() };
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const names = Object.fromEntries(
  Object.entries(made).map(([name, content]) => [name, put(...name.split("."), content)]),
);
writeFileSync(join(out, "manifest.json"), `${JSON.stringify(names, null, 2)}\n`);
