// Packs the package and the one of this platform, installs both into an empty folder with no scripts and no network, and
// pins a file there.
const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } = require("node:fs");
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

const pack = (cwd) => join(folder, npm(cwd, "pack", "--pack-destination", folder).trim().split("\n").pop());
const tarballs = [pack(native), pack(root)];
const empty = join(folder, "empty");
mkdirSync(empty);
writeFileSync(join(empty, "package.json"), JSON.stringify({ private: true, type: "module" }));
npm(empty, "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", ...tarballs);
writeFileSync(join(empty, "a.txt"), "hello\n");
writeFileSync(
  join(empty, "pin.js"),
  `import { Readable } from "node:stream";
   import { startLocalServer } from "w3pin/testing";
   const server = await startLocalServer();
   const client = server.client();
   const pin = await client.pinFile("a.txt", { verify: "require" });
   await client.unpin(pin.id);
   const again = await client.pinStream(Readable.from([Buffer.from("hello\\n")]));
   console.log(pin.cid, again.cid);
   await server.close();`,
);
const cid = "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am";
const said = execFileSync(process.execPath, ["pin.js"], { cwd: empty, encoding: "utf8" });
assert.equal(said, `${cid} ${cid}\n`);
assert.match(npm(empty, "exec", "--offline", "--", "w3pin", "cid", "a.txt"), new RegExp(`^${cid}\t`));
console.log(`${manifest.name} and ${name}, installed into an empty folder, pin a file`);
