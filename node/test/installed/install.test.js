// What a new user does first.
const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const { mkdirSync, readFileSync, readdirSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { before, test } = require("node:test");

const { place } = require("./place.js");

const CID = "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am";
let folder;
let env;
before(() => {
  ({ folder, env } = place());
  mkdirSync(join(folder, "site"));
  writeFileSync(join(folder, "a.txt"), "hello\n");
  writeFileSync(join(folder, "site", "index.html"), "<h1>");
});

test("the package pins from an empty folder", () => {
  writeFileSync(
    join(folder, "pin.js"),
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
  const said = execFileSync(process.execPath, ["pin.js"], { cwd: folder, env, encoding: "utf8" });
  assert.equal(said, `1 ${CID}\n`);
});

test("npx finds the command", () => {
  const said = execFileSync("npx", ["--offline", "--", "w3pin", "cid", "a.txt"], { cwd: folder, env, encoding: "utf8" });
  assert.match(said, new RegExp(`^${CID}\t`));
});

test("the package asks for the module of each platform, and for no script", () => {
  const read = (...names) => JSON.parse(readFileSync(join(folder, "node_modules", ...names, "package.json"), "utf8"));
  const { optionalDependencies, scripts, version } = read("w3pin");
  assert.equal(scripts, undefined);
  const loader = readFileSync(join(folder, "node_modules", "w3pin", "dist", "load.js"), "utf8");
  const loaded = [...loader.matchAll(/require\("(@w3pin\/native-[^"]+)"\)/g)].map((it) => it[1]);
  assert.deepEqual(Object.keys(optionalDependencies).sort(), loaded.sort());
  assert.ok(Object.values(optionalDependencies).every((it) => it === version));
  const [installed] = readdirSync(join(folder, "node_modules", "@w3pin"));
  const platform = read("@w3pin", installed);
  assert.deepEqual([platform.os, platform.cpu, platform.version], [[process.platform], [process.arch], version]);
  assert.deepEqual(platform.libc, process.platform === "linux" ? [installed.endsWith("musl") ? "musl" : "glibc"] : undefined);
});
