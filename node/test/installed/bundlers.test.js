// Bundles for servers run; bundles for browsers and edge runtimes say what to do instead.
const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const { join } = require("node:path");
const { before, test } = require("node:test");

const { project } = require("./place.js");

let folder;
let tool;
before(() => {
  folder = project("tools");
  tool = (name) => require(require.resolve(name, { paths: [folder] }));
});

const EXTERNAL = ["w3pin", "w3pin/testing"];
const entry = () => join(folder, "bundled", "entry.mjs");
const out = (...names) => join(folder, "out", ...names);

/** What a bundle prints. */
function run(path) {
  const { stdout, stderr } = spawnSync(process.execPath, [path], { cwd: folder, encoding: "utf8" });
  assert.equal(stderr, "");
  return stdout.trim();
}

function works(path) {
  const names = ["NotFoundError", "NotFoundError", "NotFoundError"];
  assert.deepEqual(JSON.parse(run(path)), { known: true, names, client: "function" });
}

async function esbuild(outfile, options) {
  const { warnings } = await tool("esbuild").build({ entryPoints: [entry()], bundle: true, minify: true, outfile, ...options });
  assert.deepEqual(warnings, []);
}

test("esbuild, with the package outside", async () => {
  await esbuild(out("esbuild", "outside.mjs"), { platform: "node", format: "esm", external: EXTERNAL });
  works(out("esbuild", "outside.mjs"));
});

test("esbuild, with the package inside and minified", async () => {
  await esbuild(out("esbuild", "inside.cjs"), { platform: "node", loader: { ".node": "copy" } });
  works(out("esbuild", "inside.cjs"));
});

test("webpack", async () => {
  const compiler = tool("webpack")({
    mode: "production",
    target: "node",
    entry: entry(),
    output: { path: out("webpack"), filename: "outside.cjs" },
    externals: Object.fromEntries(EXTERNAL.map((name) => [name, `commonjs ${name}`])),
  });
  const stats = await new Promise((resolve, reject) => compiler.run((error, it) => (error ? reject(error) : resolve(it))));
  assert.equal(stats.toString({ all: false, errors: true, warnings: true }), "");
  works(out("webpack", "outside.cjs"));
});

test("Vite for servers, which keeps packages outside by itself", async () => {
  const vite = await import(require.resolve("vite", { paths: [folder] }));
  const build = { ssr: entry(), outDir: out("vite"), rollupOptions: { output: { entryFileNames: "outside.mjs" } } };
  await vite.build({ root: folder, logLevel: "error", configFile: false, build });
  works(out("vite", "outside.mjs"));
});

for (const conditions of [["browser"], ["workerd", "worker", "browser"], ["edge-light"]]) {
  test(`a bundle for ${conditions[0]}`, async () => {
    const path = out("esbuild", `${conditions[0]}.js`);
    await esbuild(path, { platform: "neutral", conditions, mainFields: ["main"] });
    assert.match(run(path), /^w3pin runs in Node\.js, Bun and Deno, not in browsers .* by a request\.$/);
  });
}

test("a browser's bundle has every name that the package has", () => {
  const names = (file) => Object.keys(require(join(folder, "node_modules", "w3pin", "dist", file)));
  const both = [...names("index.js"), ...names("testing.js")];
  assert.deepEqual(names("unsupported.js").sort(), both.sort());
});
