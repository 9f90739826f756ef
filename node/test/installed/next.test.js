// A Next.js app is built, and serves from its standalone output.
const assert = require("node:assert/strict");
const { spawn, spawnSync } = require("node:child_process");
const { once } = require("node:events");
const { cpSync } = require("node:fs");
const { createServer } = require("node:net");
const { join } = require("node:path");
const { after, before, test } = require("node:test");

const { printed, project, temporary } = require("./place.js");

const CID = "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am";
let server;
let url;

before(async () => {
  const folder = project("next");
  const port = await freePort();
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", HOSTNAME: "127.0.0.1", PORT: String(port) };
  const next = join(folder, "node_modules", "next", "dist", "bin", "next");
  const built = spawnSync(process.execPath, [next, "build"], { cwd: folder, env, encoding: "utf8" });
  assert.equal(built.status, 0, built.stdout + built.stderr);
  // The other folder contains only the files traced by the build.
  const elsewhere = temporary();
  cpSync(join(folder, ".next", "standalone"), elsewhere, { recursive: true });
  server = spawn(process.execPath, ["server.js"], { cwd: elsewhere, env, stdio: ["ignore", "pipe", "inherit"] });
  await printed(server.stdout, /Ready/);
  url = `http://127.0.0.1:${port}`;
});

after(() => server?.kill());

/** An unused port. */
async function freePort() {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address();
  listener.close();
  return port;
}

test("a server component pins", async () => {
  assert.match(await (await fetch(url)).text(), new RegExp(CID));
});

test("a route handler pins what is uploaded", async () => {
  const body = new FormData();
  body.append("file", new Blob(["hello\n"]), "a.txt");
  const answer = await (await fetch(`${url}/api/pin`, { method: "POST", body })).json();
  assert.deepEqual(answer, { cid: CID, name: "a.txt", known: true });
});

test("a route handler passes on what it reads back", async () => {
  const response = await fetch(`${url}/api/read`);
  assert.equal(response.headers.get("x-cid"), CID);
  assert.equal(await response.text(), "hello\n");
});

test("a component for browsers names an error", async () => {
  assert.match(await (await fetch(`${url}/shared`)).text(), /<p>NotFoundError<\/p>/);
});

test("the edge runtime says what to do", async () => {
  assert.match(await (await fetch(`${url}/edge`)).text(), /in Next\.js with `runtime = "nodejs"`/);
});
