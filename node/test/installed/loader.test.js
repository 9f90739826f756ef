// Where the native module can't be loaded, one sentence says why and what to do.
const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const { cpSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { before, beforeEach, test } = require("node:test");

const { place, temporary } = require("./place.js");

let installed;
let folder;
let env;
let name;
/** The installed module, and where the loader searches for it. */
let intact;
let module_;

before(() => {
  ({ folder: installed, env } = place());
  [name] = readdirSync(join(installed, "node_modules", "@w3pin"));
  const [file] = readdirSync(join(installed, "node_modules", "@w3pin", name)).filter((it) => it.endsWith(".node"));
  intact = join(installed, "intact.node");
  renameSync(join(installed, "node_modules", "@w3pin", name, file), intact);
  module_ = file;
});

beforeEach(() => {
  folder = temporary();
  cpSync(join(installed, "node_modules"), join(folder, "node_modules"), { recursive: true });
});

/** The outcome of loading the package after code that changes the environment. */
function load(code = "", variables = {}) {
  const script = `${code};
    try { console.log(Object.keys(require("w3pin")).includes("Client")); } catch (error) { console.log(error.message); }`;
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], {
    cwd: folder,
    env: { ...env, ...variables },
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return stdout.trim();
}

const platform = (value) => `Object.defineProperty(process, "platform", { value: "${value}" })`;
const put = (bytes) => writeFileSync(join(folder, "node_modules", "@w3pin", name, module_), bytes);

test("the platform has no module", () => {
  const said = load(platform("freebsd"));
  assert.match(said, new RegExp(`^w3pin has no native module for freebsd-${process.arch}\\. There are modules for Linux`));
  assert.match(said, /To build one, see "Other platforms" in w3pin's README\.$/);
});

test("the platform's package isn't installed", () => {
  rmSync(join(folder, "node_modules", "@w3pin"), { recursive: true });
  assert.match(load(), new RegExp(`^@w3pin/${name}, .*, isn't installed\\. .*npm install --include=optional`));
  assert.match(load(platform("darwin")), new RegExp(`^@w3pin/native-darwin-${process.arch}, .*, isn't installed`));
});

test("musl is told from glibc", { skip: process.platform !== "linux" }, () => {
  for (const file of ["/lib/ld-musl-x86_64.so.1", "/usr/lib/x86_64-linux-musl/libc.so"]) {
    const maps = `const fs = require("node:fs"); const read = fs.readFileSync;
      fs.readFileSync = (path, ...rest) =>
        path === "/proc/self/maps" ? "7f2c1000-7f2c5000 r-xp 00000000 08:01 42   ${file}\\n" : read(path, ...rest)`;
    assert.match(load(maps), new RegExp(`^@w3pin/native-linux-${process.arch}-musl, .*, isn't installed`));
  }
});

test("the package lacks its module", () => {
  assert.match(load(), new RegExp(`^@w3pin/${name}, .*, can't be loaded\\. Cannot find module .*\\.node`));
});

test("the module is damaged", () => {
  put("no module at all");
  assert.match(load(), new RegExp(`^@w3pin/${name}, .*, can't be loaded\\. .*${module_}`));
});

test("the system's glibc is too old", { skip: !process.report.getReport().header.glibcVersionRuntime }, () => {
  // A version that no system has yet stands for one that this system lacks.
  const bytes = readFileSync(intact);
  for (let at = bytes.indexOf("GLIBC_2."); at >= 0; at = bytes.indexOf("GLIBC_2.", at + 1)) {
    if (/^GLIBC_2\.\d\d\0/.test(bytes.toString("latin1", at, at + 11))) bytes.write("GLIBC_2.99", at, "latin1");
  }
  put(bytes);
  const said = load();
  assert.match(said, new RegExp(`^@w3pin/${name}, .*, can't be loaded\\. .*GLIBC_2\\.99' not found`));
  assert.match(said, /It needs glibc 2\.99 or later: use a newer system, or see "Other platforms" in w3pin's README\.$/);
});

test("a module that was built elsewhere is loaded by its path", () => {
  assert.equal(load(platform("freebsd"), { W3PIN_NATIVE_MODULE: intact }), "true");
  const missing = join(folder, "missing.node");
  assert.match(load("", { W3PIN_NATIVE_MODULE: missing }), /^w3pin can't load the native module that W3PIN_NATIVE_MODULE names\. .*missing\.node/);
});
