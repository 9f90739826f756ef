// Packs the package and the one of this platform, installs both into an empty folder with no scripts and no network, and
// pins a file there.
const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const root = join(__dirname, "..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "w3pin-pack-"));
const npm = (cwd, ...args) => execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

// What a release makes of each platform's build.
const built = readdirSync(join(root, "native")).find((it) => it.endsWith(".node"));
const platform = built.replace(/^w3pin\./, "").replace(/\.node$/, "");
const name = `@w3pin/native-${platform}`;
const native = join(folder, "native");
mkdirSync(native);
copyFileSync(join(root, "native", built), join(native, built));
const { version, license, repository, engines } = manifest;
const parts = { os: [process.platform], cpu: [process.arch], main: built, files: [built] };
writeFileSync(join(native, "package.json"), JSON.stringify({ name, version, license, repository, engines, ...parts }));

// The package itself, which asks for those of all platforms and for no script.
const staged = join(folder, "staged");
mkdirSync(staged);
for (const name of manifest.files) {
  cpSync(join(root, name), join(staged, name), { recursive: true });
}
const { scripts: _, devDependencies: __, napi, ...published } = manifest;
const PLATFORMS = { "unknown-linux-gnu": "linux-ARCH-gnu", "apple-darwin": "darwin-ARCH", "pc-windows-msvc": "win32-ARCH-msvc" };
const optionalDependencies = {};
for (const target of napi.targets) {
  const [, arch, system] = /^(\w+?)-(.*)$/.exec(target);
  const suffix = PLATFORMS[system].replace("ARCH", { x86_64: "x64", aarch64: "arm64" }[arch]);
  optionalDependencies[`${napi.packageName}-${suffix}`] = version;
}
writeFileSync(join(staged, "package.json"), JSON.stringify({ ...published, optionalDependencies }, null, 2));

const pack = (cwd) => join(folder, npm(cwd, "pack", "--pack-destination", folder).trim().split("\n").pop());
const tarballs = [pack(native), pack(staged)];
const empty = join(folder, "empty");
mkdirSync(empty);
writeFileSync(join(empty, "package.json"), JSON.stringify({ private: true, type: "module" }));
npm(empty, "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", ...tarballs);
mkdirSync(join(empty, "site"));
writeFileSync(join(empty, "a.txt"), "hello\n");
writeFileSync(join(empty, "site", "index.html"), "<h1>");
writeFileSync(
  join(empty, "pin.js"),
  `import assert from "node:assert/strict";
   import { Readable } from "node:stream";
   import { computeCid } from "w3pin";
   import { startLocalServer } from "w3pin/testing";

   const server = await startLocalServer();
   const client = server.client();
   const file = await client.pinFile("a.txt", { verify: "require" });
   await client.unpin(file.id);
   const bytes = await client.pinBytes(Buffer.from("hello\\n"));
   await client.unpin(bytes.id);
   const stream = await client.pinStream(Readable.from([Buffer.from("hello\\n")]));
   await client.unpin(stream.id);
   const cid = await client.pinByCid(file.cid);
   const folder = await client.pinFolder("site", { verify: "require" });
   assert.equal(folder.cid, (await computeCid("site")).cid);
   assert.equal((await client.pins({ pinned: "pinned" }).toArray()).length, 1);

   const abort = new AbortController();
   async function* endless() {
     for (;;) yield Buffer.alloc(1 << 16);
   }
   const onProgress = () => abort.abort();
   await assert.rejects(client.pinStream(endless(), { signal: abort.signal, onProgress }), { name: "AbortError" });
   assert.equal((await client.pins().toArray()).length, 5);
   await server.close();
   console.log(new Set([file.cid, bytes.cid, stream.cid, cid.cid]).size, file.cid);`,
);
const cid = "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am";
const said = execFileSync(process.execPath, ["pin.js"], { cwd: empty, encoding: "utf8" });
assert.equal(said, `1 ${cid}\n`);
const installed = JSON.parse(readFileSync(join(empty, "node_modules", "w3pin", "package.json"), "utf8"));
assert.equal(Object.keys(installed.optionalDependencies).length, napi.targets.length);
assert.equal(installed.scripts, undefined);
assert.match(npm(empty, "exec", "--offline", "--", "w3pin", "cid", "a.txt"), new RegExp(`^${cid}\t`));
console.log(`${manifest.name} and ${name}, installed into an empty folder, pin a file`);
