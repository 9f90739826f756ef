// Whatever holds bytes in JavaScript can be pinned.
const assert = require("node:assert/strict");
const { createReadStream, mkdtempSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { Readable } = require("node:stream");
const { after, before, test } = require("node:test");
const { pathToFileURL } = require("node:url");

const w3pin = require("w3pin");
const { startLocalServer } = require("w3pin/testing");

const HELLO = "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am";
const hello = Buffer.from("hello\n");
let server;
let client;
let file;

before(async () => {
  server = await startLocalServer();
  client = server.client();
  file = join(mkdtempSync(join(tmpdir(), "w3pin-")), "a.txt");
  writeFileSync(file, hello);
});
after(() => server.close());

const buffer = () => hello.buffer.slice(hello.byteOffset, hello.byteOffset + hello.length);
const cases = {
  "a path": () => client.pinFile(file),
  "a file URL": () => client.pinPath(pathToFileURL(file)),
  "a Buffer": () => client.pinBytes(hello),
  "a Uint8Array": () => client.pinBytes(new Uint8Array(hello)),
  "a view of a part": () => client.pinBytes(Buffer.from("say hello\n!").subarray(4, 10)),
  "an ArrayBuffer": () => client.pinBytes(buffer()),
  "a Blob": () => client.pinStream(new Blob([hello])),
  "a File": () => client.pinStream(new (require("node:buffer").File)([hello], "a.txt")),
  "a Readable": () => client.pinStream(createReadStream(file)),
  "a Readable of text": () => client.pinStream(createReadStream(file, "utf8")),
  "a web stream": () => client.pinStream(new Blob([hello]).stream()),
  "an async iterable": () => client.pinStream(Readable.from([hello.subarray(0, 2), hello.subarray(2)])),
  "an iterable": () => client.pinStream([hello.subarray(0, 1), Buffer.alloc(0), hello.subarray(1)]),
};
for (const [name, pin] of Object.entries(cases)) {
  test(name, async () => {
    const pinned = await pin();
    assert.equal(pinned.cid, HELLO);
    assert.equal(pinned.verification.result, "verified");
    await client.unpin(pinned.id);
  });
}

test("what is no content is refused with its type", async () => {
  for (const call of [
    () => client.pinBytes("text"),
    () => client.pinBytes([1, 2]),
    () => client.pinStream("text"),
    () => client.pinStream(7),
    () => client.pinStream([7]),
    () => client.pinJson(undefined),
    () => client.pinJson(1n),
    () => client.pinJson(() => {}),
    () => client.pinFile(""),
    () => client.pinFile(7),
    () => client.pinFile(new URL("https://example.com/a.txt")),
    () => client.pinCids([7]),
    () => client.getPin(7),
    () => client.pinByCid(null),
    () => client.verify(7, HELLO),
    () => client.pinFiles([file], { concurrency: 0 }),
    () => client.pinFile(file, { verify: "maybe" }),
    () => client.pinFile(file, { nmae: "n" }),
    () => client.listPins({ sortBy: "cid" }),
    () => client.pinFile(file, { retry: { attempts: -1 } }),
    () => client.pinFile(file, { timeoutMs: NaN }),
    () => client.getPin("x", { timeoutMs: NaN }),
    () => client.listPins({ offset: Infinity }),
  ]) {
    await assert.rejects(call, w3pin.InvalidInputError);
  }
  assert.throws(() => new w3pin.Client({ credentials: { apiKey: "a b", secretKey: "S" } }), w3pin.InvalidInputError);
  assert.throws(() => new w3pin.Client({ endpoint: "http://example.com" }), w3pin.InvalidInputError);
});

test("a stream that fails fails the call with its own error", async () => {
  const broken = new Error("the source broke");
  async function* source() {
    yield Buffer.alloc(100_000);
    throw broken;
  }
  await assert.rejects(client.pinStream(source()), (error) => error === broken);
  await assert.rejects(client.pinStream(createReadStream("/no/such/file")), { code: "ENOENT" });
  async function* odd() {
    throw new Error("{ not JSON");
  }
  await assert.rejects(client.pinStream(odd()), { message: "{ not JSON" });
  assert.deepEqual(await client.pins({ pinned: "pinned" }).toArray(), []);
});

test("a long stream is proved, and its progress ends with all of it", async () => {
  const total = 64;
  let sent = 0;
  async function* source() {
    for (let read = 0; read < total; read++) yield Buffer.alloc(1 << 20, read);
  }
  const onProgress = (progress) => (sent = progress.bytesSent);
  const pin = await client.pinStream(source(), { onProgress });
  assert.equal(pin.verification.result, "verified");
  assert.equal(sent, total << 20);
  await client.unpin(pin.id);
});

test("a source that is stuck is let go when its call is stopped", async () => {
  for (const make of [
    (letGo) => new Readable({ read() {}, destroy: (error, done) => (letGo(), done(error)) }),
    (letGo) => new ReadableStream({ cancel: letGo }),
  ]) {
    const abort = new AbortController();
    let source;
    const gone = new Promise((resolve) => (source = make(resolve)));
    const pinning = client.pinStream(source, { signal: abort.signal });
    setImmediate(() => abort.abort());
    await assert.rejects(pinning, { name: "AbortError" });
    await gone;
  }
});

test("a stream that nobody reads any more is let go", async () => {
  const unreachable = new w3pin.Client({
    credentials: server.credentials,
    endpoint: "http://127.0.0.1:1/api/pinning",
    retry: { attempts: 1 },
  });
  let returned = false;
  async function* source() {
    try {
      for (;;) yield Buffer.alloc(1 << 20);
    } finally {
      returned = true;
    }
  }
  await assert.rejects(unreachable.pinStream(source()), w3pin.TransportError);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(returned);
});

test("bytes may be changed once the call has begun", async () => {
  const bytes = Buffer.from(hello);
  const pinning = client.pinBytes(bytes);
  bytes.fill(0);
  const pin = await pinning;
  assert.equal(pin.cid, HELLO);
  await client.unpin(pin.id);
});
