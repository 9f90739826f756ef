// Tests that stopping a call stops all of it.
const assert = require("node:assert/strict");
const { once } = require("node:events");
const http = require("node:http");
const { createServer } = require("node:net");
const { after, before, test } = require("node:test");

const { Client, RequestTimeoutError } = require("w3pin");
const { startLocalServer } = require("w3pin/testing");

let server;
before(async () => (server = await startLocalServer()));
after(() => server.close());

/** A server that reads slowly, or not at all, and never responds. */
async function silent() {
  const connections = [];
  const listener = createServer((connection) => {
    connections.push(connection);
    connection.on("error", () => {});
    connection.pause();
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const client = new Client({
    credentials: { apiKey: "K", secretKey: "S" },
    endpoint: `http://127.0.0.1:${listener.address().port}/api/pinning`,
  });
  const close = () => {
    connections.forEach((it) => it.destroy());
    listener.close();
  };
  return { client, connections, listener, close };
}

test("an aborted upload rejects with the signal's reason, and the server keeps nothing", async () => {
  const abort = new AbortController();
  const reason = new Error("changed my mind");
  async function* endless() {
    for (;;) yield Buffer.alloc(65536, 7);
  }
  const pin = server.client().pinStream(endless(), {
    signal: abort.signal,
    onProgress: (progress) => progress.bytesSent > 1 << 20 && abort.abort(reason),
  });
  await assert.rejects(pin, (error) => error === reason);
  assert.deepEqual(await server.client().pins().toArray(), []);
});

test("a signal that was aborted before sends nothing", async () => {
  const { client, connections, close } = await silent();
  await assert.rejects(client.getPin("x", { signal: AbortSignal.abort("no") }), (reason) => reason === "no");
  assert.equal(connections.length, 0);
  close();
});

test("aborting closes the connection", async () => {
  const { client, listener, close } = await silent();
  const abort = new AbortController();
  const call = client.getPin("x", { signal: abort.signal });
  const [connection] = await once(listener, "connection");
  connection.resume();
  abort.abort();
  await assert.rejects(call, { name: "AbortError" });
  await once(connection, "close");
  close();
});

test("every call takes a signal", async () => {
  const { client, close } = await silent();
  const ids = ["x"];
  const cids = ["QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"];
  const first = async (batch) => (await batch[Symbol.asyncIterator]().next()).value;
  for (const call of [
    (signal) => client.getPin("x", { signal }),
    (signal) => client.unpin("x", { signal }),
    (signal) => client.listPins({ signal }),
    (signal) => client.pins({ signal }).toArray(),
    (signal) => client.checkCredentials({ signal }),
    (signal) => client.waitUntilPinned("x", { signal }),
    (signal) => client.unpinMany(ids, { signal }),
    (signal) => client.pinBytes(Buffer.from("x"), { signal }),
    (signal) => client.pinCids(cids, { signal }),
    (signal) => client.pinFiles([__filename], { signal }),
    (signal) => first(client.unpinManyAsCompleted(ids, { signal })),
    (signal) => first(client.pinCidsAsCompleted(cids, { signal })),
    (signal) => first(client.pinFilesAsCompleted([__filename], { signal })),
  ]) {
    await assert.rejects(call(AbortSignal.timeout(30)), { name: "TimeoutError" });
  }
  close();
});

test("an upload takes a time limit", async () => {
  const { client, close } = await silent();
  const late = (error) => error instanceof RequestTimeoutError && error.code === "timeout";
  await assert.rejects(client.pinBytes(Buffer.from("x"), { timeoutMs: 30 }), late);
  close();
});

test("aborting a batch forgets none of its pins", async () => {
  const abort = new AbortController();
  const cid = "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH";
  let asked = 0;
  // The fourth call starts when three results are available, and never ends.
  const service = http.createServer((request, response) => {
    request.resume();
    if (++asked < 4) response.end(JSON.stringify({ status: "success", data: { id: `pin-${asked}`, cid } }));
  });
  service.listen(0, "127.0.0.1");
  await once(service, "listening");
  const client = new Client({
    credentials: { apiKey: "K", secretKey: "S" },
    endpoint: `http://127.0.0.1:${service.address().port}/api/pinning`,
  });
  const seen = [];
  const loop = async () => {
    for await (const { ok } of client.pinCidsAsCompleted(Array(9).fill(cid), { signal: abort.signal, concurrency: 1 })) {
      while (asked < 4) await new Promise((resolve) => setTimeout(resolve, 10));
      abort.abort();
      seen.push(ok.id);
    }
  };
  await assert.rejects(loop, { name: "AbortError" });
  assert.deepEqual(seen, ["pin-1", "pin-2", "pin-3"]);
  service.closeAllConnections();
  service.close();
});

test("leaving the loop stops a batch", async () => {
  const { client, connections, close } = await silent();
  const batch = client.unpinManyAsCompleted(["x", "y", "z"], { concurrency: 1 })[Symbol.asyncIterator]();
  const next = batch.next();
  while (connections.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  client.close();
  await assert.rejects(next, { name: "AbortError" });
  assert.equal(connections.length, 1);
  assert.deepEqual(await batch.next(), { done: true, value: undefined });
  close();
});

test("an asynchronous listener that rejects stops the call", async () => {
  const thrown = new TypeError("in the listener");
  const onProgress = async () => {
    throw thrown;
  };
  await assert.rejects(server.client().pinBytes(Buffer.alloc(3 << 20, 2), { onProgress }), (error) => error === thrown);
});

test("a listener that throws stops the call with what it threw, and nothing else", async () => {
  const thrown = new TypeError("in the listener");
  const pin = server.client().pinBytes(Buffer.alloc(3 << 20, 1), {
    onProgress: () => {
      throw thrown;
    },
  });
  await assert.rejects(pin, (error) => error === thrown);
});

test("a client that was closed stops its calls and takes no more", async () => {
  const { client, close } = await silent();
  const call = client.getPin("x");
  await client[Symbol.asyncDispose]();
  await assert.rejects(call, { name: "AbortError" });
  await assert.rejects(client.getPin("x"), { name: "AbortError" });
  close();
});

test("many calls with one client warn of nothing", async () => {
  const warnings = [];
  process.on("warning", (warning) => warnings.push(warning));
  const client = server.client();
  await Promise.all(Array.from({ length: 64 }, () => client.checkCredentials()));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(warnings, []);
});
