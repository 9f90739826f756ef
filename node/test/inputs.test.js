// Whatever holds bytes in JavaScript can be pinned.
const assert = require("node:assert/strict");
const { File } = require("node:buffer");
const { once } = require("node:events");
const { createReadStream, mkdtempSync, openAsBlob, writeFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { Readable } = require("node:stream");
const { after, before, test } = require("node:test");
const { pathToFileURL } = require("node:url");
const { inspect } = require("node:util");

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
  "a File": () => client.pinStream(new File([hello], "a.txt")),
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

const folders = {
  "an object": { "a.txt": hello, "b/c.txt": new Uint8Array(hello) },
  "a Map": new Map([["a.txt", hello], ["b/c.txt", buffer()]]),
  "an object of Blobs": { "a.txt": new Blob([hello]), "b/c.txt": hello },
};
for (const [name, files] of Object.entries(folders)) {
  test(`a folder from memory: ${name}`, async () => {
    const expected = await w3pin.previewUpload(files, { name: "drop" });
    assert.deepEqual(expected.files, [
      { name: "drop/a.txt", size: 6 },
      { name: "drop/b/c.txt", size: 6 },
    ]);
    const pin = await client.pinFolder(files, { name: "drop", verify: "require" });
    assert.equal(pin.cid, expected.cid);
    assert.equal((await w3pin.computeCid(files)).cid, pin.cid);
    assert.equal((await w3pin.verify(files, pin.cid, { gateway: server.gateway })).files, 2);
    await client.unpin(pin.id);
  });
}

test("a folder of Files", async () => {
  const files = [new File([hello], "0.json"), new File([hello], "1.json")];
  const pin = await client.pinFolder(files, { verify: "require" });
  assert.equal(pin.cid, (await w3pin.computeCid({ "0.json": hello, "1.json": hello })).cid);
  await client.unpin(pin.id);
  const twice = { code: "invalid_input", field: "folder", message: /two files with the path "0.json"/ };
  await assert.rejects(client.pinFolder([files[0], files[0]]), twice);
});

/** The part of an upload that holds the file. */
async function partOf(stream, options) {
  const requests = createServer((request, response) => {
    let body = "";
    request.setEncoding("latin1").on("data", (it) => (body += it));
    request.on("end", () => response.writeHead(400).end(body));
  }).listen(0, "127.0.0.1");
  await once(requests, "listening");
  const endpoint = `http://127.0.0.1:${requests.address().port}/api/pinning`;
  const plain = new w3pin.Client({ endpoint, credentials: server.credentials });
  const error = await plain.pinStream(stream, options).catch((it) => it);
  requests.close();
  return error.bodyExcerpt ?? error.message;
}

test("streams bring their name, type and length", async () => {
  const part = /filename="(.*?)"(?:[^]*?content-type: ([^;\s]+))?/i;
  const named = async (stream, options) => part.exec(await partOf(stream, options)).slice(1);
  const blob = new File([hello], "b.json", { type: "application/json" });
  assert.deepEqual(await named(blob), ["b.json", "application/json"]);
  assert.deepEqual(await named(blob, { fileName: "c.txt", contentType: "text/plain" }), ["c.txt", "text/plain"]);
  assert.equal((await named(createReadStream(file)))[0], "a.txt");
  assert.equal((await named(createReadStream(file, { start: 2, end: 4 })))[0], "a.txt");
  await assert.rejects(client.pinStream(new Blob([hello]), { length: 5 }), w3pin.LocalIoError);
});

test("JSON is exact, or refused", async () => {
  const pin = await client.pinJson({ b: [1e20, 0.1], a: "é" }, { verify: "require" });
  assert.equal(pin.cid, (await w3pin.computeCid(Buffer.from('{"a":"é","b":[100000000000000000000,0.1]}'))).cid);
  await client.unpin(pin.id);
  const cyclic = {};
  cyclic.self = cyclic;
  for (const value of [undefined, 1n, () => {}, NaN, { a: -Infinity }, new Map(), [new Set()], 2 ** 53 + 2, cyclic, "\ud800"]) {
    await assert.rejects(client.pinJson(value), { code: "invalid_input", field: "value" });
  }
  class Odd extends Error {}
  for (const [value, kind] of [
    [Promise.resolve({ a: 1 }), "a Promise: await it first"],
    [{ toJSON: async () => ({}) }, "a Promise: await it first"],
    [new Map(), "a Map: make an object of it, as by Object.fromEntries()"],
    [new Set(), "a Set: make an array of it, as by Array.from()"],
    [new Date(NaN), "an invalid Date"],
    [new Odd("broken"), "an Odd"],
    [/a/, "a RegExp"],
    [new ArrayBuffer(1), "an ArrayBuffer"],
    [new Uint8Array(1), "a Uint8Array"],
    [new DataView(new ArrayBuffer(1)), "a DataView"],
    [Object(NaN), "a Number"],
    [new WeakMap(), "a WeakMap"],
    [new Blob([hello]), "a Blob"],
    [() => {}, "a function"],
    [Symbol("a"), "a symbol"],
    [NaN, "NaN"],
  ]) {
    for (const held of [value, { a: value }, [value]]) {
      await assert.rejects(client.pinJson(held), { field: "value", message: `the value can't be converted to JSON: it holds ${kind}` });
    }
  }
  for (const value of [[undefined], [, 1], [{ toJSON() {} }]]) {
    await assert.rejects(client.pinJson(value), { field: "value", message: /it holds an array with undefined in it$/ });
  }
});

test("JSON of classes is that of their data", async () => {
  class Own {
    a = new Date(0);
    b = undefined;
    c = new URL("https://example.com/");
    d = Object.assign(Object.create(null), { e: null });
  }
  const pin = await client.pinJson(new Own(), { verify: "require" });
  const text = '{"a":"1970-01-01T00:00:00.000Z","c":"https://example.com/","d":{"e":null}}';
  assert.equal(pin.cid, (await w3pin.computeCid(Buffer.from(text))).cid);
  await client.unpin(pin.id);
});

test("a prepared upload is sent by fetch, and keeps no key", async () => {
  const body = join(mkdtempSync(join(tmpdir(), "w3pin-")), "body");
  const upload = await client.prepareUpload(hello, body, { name: "n", verify: "require" });
  const kept = JSON.stringify(upload);
  assert.ok(!(kept + inspect(upload)).includes(server.credentials.secretKey));
  const { method, url, headers } = upload;
  const response = await fetch(url, { method, headers, body: await openAsBlob(body) });
  const pin = await client.finishUpload(w3pin.PreparedUpload.fromJSON(kept), response.status, await response.arrayBuffer());
  assert.deepEqual([pin.cid, pin.verification.result], [HELLO, "verified"]);
  await client.unpin(pin.id);
});

test("pins are data", async () => {
  const pin = await client.pinBytes(hello, { name: "n", keyvalues: new Map([["k", "v"]]) });
  assert.ok(pin instanceof w3pin.Pin && !("dateUnpinned" in pin) && pin.datePinned instanceof Date);
  const text = JSON.stringify(pin);
  assert.equal(JSON.parse(text).datePinned, pin.datePinned.toISOString());
  assert.deepEqual(new w3pin.Pin(JSON.parse(text)), pin);
  assert.deepEqual(pin.keyvalues, { k: "v" });
  assert.equal(pin.ipfsUrl, `ipfs://${HELLO}`);
  assert.equal(pin.gatewayUrl("https://ipfs.io/"), `https://ipfs.io/ipfs/${HELLO}`);
  assert.throws(() => pin.gatewayUrl("oops"), { code: "invalid_input", field: "gateway" });
  assert.throws(() => pin.gatewayUrl(), { code: "invalid_input", field: "gateway" });
  await client.unpin(pin.id);
  for (const cid of [`ipfs://${HELLO}`, `/ipfs/${HELLO}`, pin.gatewayUrl("https://ipfs.io")]) {
    const again = await client.pinByCid(cid);
    assert.equal(again.cid, HELLO);
    await client.unpin(again.id);
  }
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
