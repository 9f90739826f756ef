// What stops a call stops all of it.
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { createServer } = require("node:net");
const { after, before, test } = require("node:test");

const { Client, RequestTimeoutError } = require("w3pin");
const { startLocalServer } = require("w3pin/testing");

let server;
before(async () => (server = await startLocalServer()));
after(() => server.close());

/** A server that reads slowly, or not at all, and never answers. */
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

test("every call takes a time limit", async () => {
  const { client, close } = await silent();
  for (const call of [
    () => client.getPin("x", { timeoutMs: 30 }),
    () => client.unpin("x", { timeoutMs: 30 }),
    () => client.listPins({ timeoutMs: 30 }),
    () => client.pins({ timeoutMs: 30 }).toArray(),
    () => client.checkCredentials({ timeoutMs: 30 }),
    () => client.waitUntilPinned("x", { timeoutMs: 30 }),
    () => client.unpinMany(["x"], { timeoutMs: 30 }),
    () => client.pinBytes(Buffer.from("x"), { timeoutMs: 30 }),
    () => client.pinCids(["QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"], { timeoutMs: 30 }).then(([it]) => {
      throw it.error;
    }),
  ]) {
    await assert.rejects(call, (error) => error instanceof RequestTimeoutError && error.code === "timeout");
  }
  close();
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
