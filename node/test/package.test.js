// Tests of errors, iterators, modules and processes.
const assert = require("node:assert/strict");
const { execFile, spawnSync } = require("node:child_process");
const { once } = require("node:events");
const { mkdtempSync, readdirSync, writeFileSync } = require("node:fs");
const { createServer } = require("node:net");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { after, before, test } = require("node:test");
const { promisify } = require("node:util");
const { Worker } = require("node:worker_threads");

const w3pin = require("w3pin");
const { startLocalServer } = require("w3pin/testing");

const run = promisify(execFile);
let server;
before(async () => (server = await startLocalServer()));
after(() => server.close());

test("errors are classes with fields, a stack and no key", async () => {
  const error = await server.client().getPin("nope").catch((it) => it);
  assert.ok(error instanceof w3pin.NotFoundError && error instanceof w3pin.ApiError);
  assert.ok(error instanceof w3pin.PinningError && error instanceof Error);
  assert.equal(error.name, "NotFoundError");
  assert.deepEqual([error.code, error.status, error.serviceMessage], ["not_found", 404, "record not found"]);
  assert.match(error.stack, /^NotFoundError: .*\n +at .*package\.test\.js/s);
  const text = JSON.stringify(error) + error.stack + String(error);
  assert.ok(!text.includes(server.credentials.secretKey) && !text.includes(server.credentials.apiKey));
  const all = Object.values(w3pin).filter((it) => typeof it === "function" && /Error$/.test(it.name));
  assert.equal(all.length, 14);
  assert.ok(all.every((it) => it === w3pin.PinningError || it.prototype instanceof w3pin.PinningError));
});

test("a thousand pins are listed lazily, and a loop may be left early", async () => {
  const other = await startLocalServer();
  const client = other.client();
  const cids = [];
  const folder = mkdtempSync(join(tmpdir(), "w3pin-"));
  for (let i = 0; i < 1000; i++) {
    const path = join(folder, String(i));
    writeFileSync(path, String(i));
    cids.push((await w3pin.computeCid(path)).cid);
  }
  const pinned = await client.pinCids(cids, { concurrency: 16 });
  assert.ok(pinned.every((it) => it.ok));
  const seen = new Set();
  for await (const pin of client.pins({ limit: 100 })) seen.add(pin.cid);
  assert.equal(seen.size, 1000);
  let count = 0;
  for await (const pin of client.pins()) {
    assert.ok(pin.datePinned instanceof Date);
    if (++count === 15) break;
  }
  assert.equal(count, 15);
  const page = await client.listPins({ sortOrder: "asc", offset: 10, limit: 5 });
  assert.equal(page.pins.length, 5);
  assert.equal(page.totals.files, 1000);
  await other.close();
});

test("both kinds of modules get the same classes", async () => {
  const esm = await import("w3pin");
  assert.equal(esm.Client, w3pin.Client);
  assert.equal(esm.NotFoundError, w3pin.NotFoundError);
  assert.equal((await import("w3pin/testing")).startLocalServer, startLocalServer);
  assert.deepEqual(Object.keys(esm).sort(), Object.keys(w3pin).sort());
});

test("a local server that can't start says so, and leaves no folder", async () => {
  const { TMPDIR } = process.env;
  const folder = mkdtempSync(join(tmpdir(), "w3pin-"));
  process.env.TMPDIR = folder;
  try {
    for (const profile of ["x", "", 7, {}, ["x"]]) {
      await assert.rejects(startLocalServer({ profile }), w3pin.InvalidInputError);
    }
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
  assert.deepEqual(readdirSync(folder), []);
});

test("a local server serves until it is closed, whoever forgets it", async () => {
  const { endpoint, credentials } = await startLocalServer();
  const client = new w3pin.Client({ endpoint, credentials, retry: { attempts: 1 } });
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    global.gc?.();
    await client.checkCredentials();
  }
});

test("an idle client doesn't keep the process alive", async () => {
  const script = `
    const { Client } = require("w3pin");
    const client = new Client({ credentials: ${JSON.stringify(server.credentials)}, endpoint: "${server.endpoint}" });
    client.checkCredentials().then(() => console.log("checked"));`;
  const { stdout } = await run(process.execPath, ["-e", script], { cwd: __dirname, timeout: 20_000 });
  assert.equal(stdout, "checked\n");
});

test("nothing rejects that nobody waits for", async () => {
  const script = `
    const { Client } = require("w3pin");
    const client = new Client({ credentials: ${JSON.stringify(server.credentials)}, endpoint: "${server.endpoint}" });
    const abort = new AbortController();
    process.on("unhandledRejection", (reason) => { console.log("unhandled", reason); process.exit(1); });
    (async () => {
      async function* broken() { yield Buffer.alloc(10); throw new Error("x"); }
      for (const call of [() => client.getPin("x"), () => client.getPin(""), () => client.pinStream(broken()),
          () => client.pinBytes(Buffer.alloc(9), { onProgress() { throw new Error("y"); } }),
          () => client.listPins({ signal: abort.signal }), () => client.listPins(7)]) {
        const called = call();
        abort.abort();
        await called.catch(() => {});
      }
      client.close();
      await new Promise((resolve) => setTimeout(resolve, 100));
      console.log("quiet");
    })();`;
  const { stdout } = await run(process.execPath, ["-e", script], { cwd: __dirname, timeout: 20_000 });
  assert.equal(stdout, "quiet\n");
});

test("workers have clients of their own", async () => {
  const script = `
    const { parentPort, workerData } = require("node:worker_threads");
    const { Client } = require("w3pin");
    const { number, ...settings } = workerData;
    new Client(settings).pinJson({ worker: number }).then((pin) => parentPort.postMessage(pin.cid));`;
  const path = join(__dirname, "worker.tmp.cjs");
  writeFileSync(path, script);
  const cids = await Promise.all(
    [1, 2, 3].map(
      (number) =>
        new Promise((resolve, reject) => {
          const { credentials, endpoint } = server;
          const worker = new Worker(path, { workerData: { credentials, endpoint, number } });
          worker.on("message", resolve);
          worker.on("error", reject);
        }),
    ),
  );
  require("node:fs").unlinkSync(path);
  assert.equal(new Set(cids).size, 3);
});

test("a worker that is terminated, and a process that exits, end their calls", async () => {
  const listener = createServer((connection) => connection.on("error", () => {}).resume()).listen(0, "127.0.0.1");
  await once(listener, "listening");
  const endpoint = `http://127.0.0.1:${listener.address().port}/api/pinning`;
  const settings = JSON.stringify({ credentials: server.credentials, endpoint });
  const begin = `
    const { Client } = require(${JSON.stringify(require.resolve("w3pin"))});
    const client = new Client(${settings});
    async function* endless() { for (;;) yield Buffer.alloc(65536); }
    client.getPin("x");`;
  const worker = new Worker(`${begin} client.pinStream(endless(), { onProgress() {} });`, { eval: true });
  const connections = [(await once(listener, "connection"))[0], (await once(listener, "connection"))[0]];
  const closed = Promise.all(connections.map((it) => once(it, "close")));
  await worker.terminate();
  await closed;
  const exit = `${begin} client.pinStream(endless(), { onProgress() { process.exit(7); } });`;
  await assert.rejects(run(process.execPath, ["-e", exit], { timeout: 20_000 }), { code: 7, signal: null });
  listener.close();
});

test("ten thousand calls leave no memory behind", async () => {
  const client = server.client();
  const batch = async (count) => {
    for (let i = 0; i < count / 50; i++) {
      await Promise.all(Array.from({ length: 50 }, () => client.listPins({ limit: 1 })));
    }
    global.gc?.();
    return process.memoryUsage().rss;
  };
  await batch(2000);
  const before = await batch(1000);
  const later = await batch(10_000);
  assert.ok(later - before < 48 << 20, `${(later - before) >> 20} MiB more`);
});

test("the command is the real one", () => {
  const bin = join(__dirname, "..", "bin", "w3pin.js");
  const said = spawnSync(process.execPath, [bin, "--version"], { encoding: "utf8" });
  assert.equal(said.stdout, `w3pin ${require("../package.json").version}\n`);
  assert.equal(spawnSync(process.execPath, [bin, "nonsense"]).status, 2);
});
