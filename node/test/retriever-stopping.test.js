// Tests that stopping a read closes its connection, and that unneeded content isn't read.
const assert = require("node:assert/strict");
const { execFile } = require("node:child_process");
const { once } = require("node:events");
const { existsSync, mkdtempSync } = require("node:fs");
const { createServer } = require("node:http");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { Readable } = require("node:stream");
const { pipeline } = require("node:stream/promises");
const { after, before, test } = require("node:test");
const { promisify } = require("node:util");
const { Worker } = require("node:worker_threads");

const { Retriever } = require("w3pin");
const { Dag, startGateway } = require("./gateway.js");

const run = promisify(execFile);
const LEAVES = 256;
const dag = new Dag();
const large = dag.file(...Array.from({ length: LEAVES }, (_, i) => Buffer.alloc(262_144, i)));
const folder = dag.folder({ large, other: dag.file(Buffer.from("a"), Buffer.from("b")) });

let gateway;
let silent;
let retriever;
before(async () => {
  gateway = await startGateway(dag);
  silent = await startGateway(dag, () => true);
  retriever = new Retriever({ gateways: [gateway.url], environment: false });
});
after(() => {
  gateway.close();
  silent.close();
});

const temporary = () => mkdtempSync(join(tmpdir(), "w3pin-"));
const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

/** Waits until a gateway has no request open. */
async function idle(of) {
  while (of.open.size > 0) await soon();
}

/** Waits until a gateway can't send more. */
async function settled(of) {
  for (let last = -1; last !== of.blocks; await new Promise((resolve) => setTimeout(resolve, 300))) last = of.blocks;
}

/** Every way to read, with a signal. */
const READS = {
  resolve: (from, signal) => from.resolve(large, { signal }),
  read: (from, signal) => from.read(large, { signal }),
  open: (from, signal) => from.open(large, { signal }),
  fetch: (from, signal) => from.fetch(large, join(temporary(), "large"), { signal }),
  list: (from, signal) => from.list(folder, { signal })[Symbol.asyncIterator]().next(),
  stream: async (from, signal) => from.stream(large, { signal }).getReader().read(),
};

for (const [name, read] of Object.entries(READS)) {
  test(`${name}: aborted before, nothing is sent`, async () => {
    const { length } = silent.requests;
    const from = new Retriever({ gateways: [silent.url], environment: false });
    await assert.rejects(read(from, AbortSignal.abort("no")), (reason) => reason === "no");
    assert.equal(silent.requests.length, length);
  });

  test(`${name}: aborted meanwhile, the connection is closed`, async () => {
    const from = new Retriever({ gateways: [silent.url], environment: false });
    const abort = new AbortController();
    const reading = read(from, abort.signal);
    const reason = new Error("changed my mind");
    const rejected = assert.rejects(reading, (error) => error === reason);
    while (silent.open.size === 0) await soon();
    abort.abort(reason);
    await rejected;
    await idle(silent);
  });

  test(`${name}: the retriever's end is its own`, async () => {
    const from = new Retriever({ gateways: [silent.url], environment: false });
    const rejected = assert.rejects(read(from), { name: "AbortError", message: "the retriever was closed" });
    while (silent.open.size === 0) await soon();
    await from[Symbol.asyncDispose]();
    await rejected;
    await idle(silent);
    await assert.rejects(read(from), { name: "AbortError" });
  });

  test(`${name}: aborted afterwards, nothing happens`, async () => {
    const abort = new AbortController();
    await read(retriever, abort.signal);
    abort.abort();
    await soon();
  });
}

test("a stream is aborted between two pieces", async () => {
  const abort = new AbortController();
  const reader = retriever.stream(large, { signal: abort.signal }).getReader();
  await reader.read();
  assert.ok(gateway.open.size > 0);
  abort.abort("enough");
  await idle(gateway);
  await assert.rejects(reader.read(), (reason) => reason === "enough");
  await assert.rejects(reader.closed, (reason) => reason === "enough");
});

test("a stream is read no further than its reader", async () => {
  gateway.blocks = 0;
  const stream = retriever.stream(large);
  await settled(gateway);
  assert.equal(gateway.open.size, 0, "nothing is asked for before the first read");
  const reader = stream.getReader();
  await reader.read();
  await settled(gateway);
  assert.ok(gateway.blocks < LEAVES / 2, `${gateway.blocks} of ${LEAVES} blocks were sent`);
  await reader.cancel();
  await idle(gateway);
});

/** Ways to leave a stream in the middle. */
const LEAVING = {
  "break": async (stream) => {
    for await (const piece of stream) if (piece) break;
  },
  "throw": async (stream) => {
    const loop = async () => {
      for await (const piece of stream) throw piece;
    };
    await loop().catch(() => {});
  },
  "cancel": (stream) => stream.cancel(),
  "cancel of a reader that waits": async (stream) => {
    const reader = stream.getReader();
    const reading = reader.read();
    await reader.cancel();
    assert.equal((await reading).done, true);
  },
  "destroy": async (stream) => {
    const readable = Readable.fromWeb(stream);
    await once(readable, "data");
    readable.destroy();
  },
  "an end of the destination": async (stream) => {
    const full = async function* (source) {
      for await (const piece of source) throw piece;
    };
    await pipeline(stream, full, async () => {}).catch(() => {});
  },
  "a Response that is cancelled": async (stream) => {
    const response = new Response(stream);
    await response.body.cancel();
  },
};
for (const [name, leave] of Object.entries(LEAVING)) {
  test(`${name} closes the connection`, async () => {
    await leave(retriever.stream(large));
    await idle(gateway);
  });
}

test("a browser that goes away closes the connection", async () => {
  const routes = createServer((request, response) => {
    pipeline(retriever.stream(large), response).catch(() => {});
  }).listen(0, "127.0.0.1");
  await once(routes, "listening");
  const abort = new AbortController();
  const response = await fetch(`http://127.0.0.1:${routes.address().port}/`, { signal: abort.signal });
  await response.body.getReader().read();
  abort.abort();
  await idle(gateway);
  routes.close();
});

test("a stream that is forgotten closes its connection", async () => {
  const abort = new AbortController();
  const begin = async () => {
    await retriever.stream(large, { signal: abort.signal }).getReader().read();
    await retriever.list(folder, { signal: abort.signal })[Symbol.asyncIterator]().next();
  };
  await begin();
  while (gateway.open.size > 0) {
    global.gc();
    await soon();
  }
});

test("leaving a listing ends its requests", async () => {
  for await (const entry of retriever.list(folder)) if (entry) break;
  await idle(gateway);
});

test("a fetch that is stopped leaves no file by its name, and goes on where it was", async () => {
  const target = join(temporary(), "large");
  const abort = new AbortController();
  const onProgress = ({ bytes, bytesTotal }) => {
    assert.equal(bytesTotal, LEAVES * 262_144);
    if (bytes > 0) abort.abort();
  };
  await assert.rejects(retriever.fetch(large, target, { signal: abort.signal, onProgress }), { name: "AbortError" });
  assert.ok(!existsSync(target));
  const { bytes, bytesFetched } = await retriever.fetch(large, target);
  assert.equal(bytes, LEAVES * 262_144);
  assert.ok(bytesFetched <= bytes);
});

test("a listener that throws or rejects stops the fetch", async () => {
  const thrown = new TypeError("in the listener");
  const listeners = [
    () => {
      throw thrown;
    },
    async () => {
      throw thrown;
    },
  ];
  for (const onProgress of listeners) {
    await assert.rejects(retriever.fetch(large, join(temporary(), "large"), { onProgress }), (error) => error === thrown);
  }
});

test("many reads at a time warn of nothing", async () => {
  const warnings = [];
  const warn = (warning) => warnings.push(warning);
  process.on("warning", warn);
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 9 }, () => retriever.read(`${folder}/other`, { signal })));
  await Promise.all(Array.from({ length: 64 }, () => retriever.resolve(folder)));
  await soon();
  process.off("warning", warn);
  assert.deepEqual(warnings, []);
});

const script = (body) => `
  const { Retriever } = require(${JSON.stringify(require.resolve("w3pin"))});
  const retriever = new Retriever({ gateways: [${JSON.stringify(gateway.url)}], environment: false });
  process.on("unhandledRejection", (reason) => { console.log("unhandled", reason); process.exit(1); });
  (async () => { ${body} })();`;

test("a process ends when it has nothing left to do", async () => {
  for (const body of [
    `console.log((await retriever.resolve("${folder}")).kind);`,
    `await retriever.stream("${large}").getReader().read(); console.log("folder");`,
    `const stream = retriever.stream("${large}"); console.log("folder");`,
    `for await (const entry of retriever.list("${folder}")) break; console.log("folder");`,
    `const file = await retriever.open("${large}"); await file.slice(5, 9).bytes(); console.log("folder");`,
    `const reading = retriever.read("${large}"); retriever.close(); await reading.catch(() => console.log("folder"));`,
  ]) {
    const { stdout } = await run(process.execPath, ["-e", script(body)], { timeout: 30_000 });
    assert.equal(stdout, "folder\n", body);
  }
  await idle(gateway);
});

test("workers read, and what they read stops with them", async () => {
  const worker = new Worker(
    script(`
      const { parentPort } = require("node:worker_threads");
      const bytes = await retriever.read("${folder}/other");
      const reader = retriever.stream("${large}").getReader();
      await reader.read();
      parentPort.postMessage(bytes, [bytes.buffer]);
      setInterval(() => reader, 1000);`),
    { eval: true },
  );
  const [bytes] = await once(worker, "message");
  assert.equal(Buffer.from(bytes).toString(), "ab");
  assert.ok(gateway.open.size > 0);
  await worker.terminate();
  await idle(gateway);
});

test("a hundred files that are read leave no memory behind", async () => {
  const read = async (times) => {
    for (let i = 0; i < times; i++) for await (const piece of retriever.stream(large, { end: 8 << 20 })) piece.fill(0);
    global.gc();
    return process.memoryUsage().rss;
  };
  await read(10);
  const before = await read(10);
  const later = await read(80);
  assert.ok(later - before < 64 << 20, `${(later - before) >> 20} MiB more`);
});
