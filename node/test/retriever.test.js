// Tests of reading content back.
const assert = require("node:assert/strict");
const { createHash } = require("node:crypto");
const { mkdirSync, mkdtempSync, readFileSync, readdirSync, symlinkSync, writeFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { once } = require("node:events");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { Readable } = require("node:stream");
const { buffer } = require("node:stream/consumers");
const { after, before, test } = require("node:test");
const { pathToFileURL } = require("node:url");

const { Client, LocalIoError, NotFoundError, PinningError, RemoteFile, Retriever } = require("w3pin");
const { startLocalServer } = require("w3pin/testing");
const { Dag, startGateway } = require("./gateway.js");

const patient = { retry: { attempts: 2, baseDelayMs: 1, maxDelayMs: 5 }, environment: false };
const bytesOf = (length, seed = 1) => Buffer.from(Array.from({ length }, (_, i) => (i * 7 + (i >> 8) * seed) & 255));
const temporary = () => mkdtempSync(join(tmpdir(), "w3pin-"));

let server;
let retriever;
let cid;
const pages = { "index.html": bytesOf(3000), "art/1.png": bytesOf(700_000, 3), "art/deep/2.png": Buffer.from("two") };

before(async () => {
  server = await startLocalServer();
  cid = (await server.client().pinFolder(pages, { name: "site" })).cid;
  retriever = new Retriever({ gateways: [server.gateway], ...patient });
});
after(() => server.close());

async function listed(path, from = retriever) {
  const entries = [];
  for await (const entry of from.list(path)) entries.push(entry);
  return entries;
}

test("what lies at a path is told", async () => {
  const folder = await retriever.resolve(cid);
  assert.deepEqual(folder, { cid, kind: "folder" });
  const file = await retriever.resolve(`${cid}/art/1.png`);
  assert.deepEqual([file.kind, file.size], ["file", 700_000]);
  await assert.rejects(retriever.resolve(`${cid}/nope`), (error) => error instanceof NotFoundError && error.code === "not_found");
});

test("every way to write a path leads there", async () => {
  for (const path of [`${cid}/index.html`, `/ipfs/${cid}/index.html`, `ipfs://${cid}/index.html`, `${server.gateway}/ipfs/${cid}/index.html`]) {
    assert.deepEqual(await retriever.read(path), pages["index.html"]);
  }
});

test("a file is read whole and in parts", async () => {
  const path = `${cid}/art/1.png`;
  const whole = pages["art/1.png"];
  const all = await retriever.read(path);
  assert.ok(Buffer.isBuffer(all) && all.equals(whole));
  for (const [start, end] of [[0, 1], [1, 700_000], [262_143, 262_145], [699_999, 800_000], [5, 5], [0, 0], [700_000, 700_000]]) {
    assert.deepEqual(await retriever.read(path, { start, end }), whole.subarray(start, end), `${start}..${end}`);
    assert.deepEqual(await buffer(retriever.stream(path, { start, end })), whole.subarray(start, end), `${start}..${end}`);
  }
  assert.deepEqual(await retriever.read(path, { start: 699_990 }), whole.subarray(699_990));
  await assert.rejects(retriever.read(path, { start: 700_001 }), { code: "invalid_input", field: "start" });
  await assert.rejects(retriever.read(path, { start: 9, end: 8 }), { code: "invalid_input", field: "end" });
});

test("what is too large or no file is refused", async () => {
  for (const read of [(path, options) => retriever.read(path, options), (path, options) => buffer(retriever.stream(path, options))]) {
    await assert.rejects(read(`${cid}/art/1.png`, { mostBytes: 699_999 }), { code: "invalid_input", field: "mostBytes" });
    assert.equal((await read(`${cid}/art/1.png`, { mostBytes: 700_000 })).length, 700_000);
    assert.equal((await read(`${cid}/art/1.png`, { mostBytes: Number.MAX_SAFE_INTEGER })).length, 700_000);
    assert.equal((await read(`${cid}/art/1.png`, { start: 699_990, mostBytes: 10 })).length, 10);
    await assert.rejects(read(cid), { code: "invalid_input", field: "path" });
  }
  await assert.rejects(retriever.open(cid), { code: "invalid_input", field: "path" });
  await assert.rejects(listed(`${cid}/index.html`), { code: "invalid_input", field: "path" });
});

test("bytes that were read are one's own", async () => {
  const read = await retriever.read(`${cid}/index.html`);
  const before = read.length;
  const other = structuredClone(read, { transfer: [read.buffer] });
  assert.deepEqual([other.length, read.length], [before, 0]);
});

test("a stream is a byte stream, for whoever reads one", async () => {
  const whole = pages["art/1.png"];
  const stream = () => retriever.stream(`${cid}/art/1.png`);
  assert.ok(stream() instanceof ReadableStream);
  assert.ok(whole.equals(Buffer.from(await new Response(stream()).arrayBuffer())));
  assert.ok(whole.equals(await buffer(Readable.fromWeb(stream()))));
  assert.ok(whole.equals(Buffer.from(await new Blob([await new Response(stream()).blob()]).arrayBuffer())));
  const hash = createHash("sha256");
  for await (const piece of stream()) hash.update(piece);
  assert.equal(hash.digest("hex"), createHash("sha256").update(whole).digest("hex"));
  // Into a given buffer, up to the end of the file.
  const reader = stream().getReader({ mode: "byob" });
  const parts = [];
  for (;;) {
    const { done, value } = await reader.read(new Uint8Array(100_000));
    if (done) break;
    parts.push(Buffer.from(value));
  }
  assert.ok(whole.equals(Buffer.concat(parts)));
  const [one, two] = stream().tee();
  const both = await Promise.all([buffer(one), buffer(two)]);
  assert.ok(both.every((it) => whole.equals(it)));
  const again = await server.client().pinStream(stream());
  assert.equal(again.verification.result, "verified");
});

test("an empty file is an end at once", async () => {
  const dag = new Dag();
  const cid = dag.folder({ empty: dag.file(Buffer.alloc(0)) });
  const gateway = await startGateway(dag);
  const retriever = new Retriever({ gateways: [gateway.url], ...patient });
  assert.deepEqual(await retriever.read(`${cid}/empty`), Buffer.alloc(0));
  assert.deepEqual(await retriever.stream(`${cid}/empty`).getReader().read(), { done: true, value: undefined });
  const byob = retriever.stream(`${cid}/empty`).getReader({ mode: "byob" });
  assert.equal((await byob.read(new Uint8Array(9))).done, true);
  const file = await retriever.open(`${cid}/empty`);
  assert.deepEqual([file.size, await file.text(), (await file.slice(-5).bytes()).length], [0, "", 0]);
  gateway.close();
});

test("an opened file is sliced as a Blob is", async () => {
  const whole = pages["art/1.png"];
  const file = await retriever.open(`${cid}/art/1.png`);
  const blob = new Blob([whole]);
  assert.ok(file instanceof RemoteFile);
  assert.equal(file.size, 700_000);
  assert.equal(file.cid, (await retriever.resolve(`${cid}/art/1.png`)).cid);
  for (const range of [[], [5], [-5], [5, 10], [10, 5], [-10, -5], [0, 1e9], [1e9], [-1e9, 3], [undefined, 4], [699_000, undefined]]) {
    const [part, expected] = [file.slice(...range), blob.slice(...range)];
    assert.equal(part.size, expected.size, String(range));
    assert.deepEqual(await part.arrayBuffer(), await expected.arrayBuffer(), String(range));
    assert.deepEqual(await buffer(part.stream()), await buffer(expected.stream()), String(range));
  }
  // Node.js 24 takes both for 0, which the standard doesn't.
  assert.equal(file.slice(0, Infinity).size, whole.length);
  assert.equal(file.slice(-Infinity, 2).size, 2);
  const part = file.slice(100, 200).slice(-50, -10).slice(5);
  assert.deepEqual(Buffer.from(await part.bytes()), whole.subarray(155, 190));
  const text = await (await retriever.open(`${cid}/art/deep/2.png`)).slice(1).text();
  assert.equal(text, "wo");
  const pin = await server.client().pinStream(file.slice(0, 1000));
  assert.equal(pin.verification.result, "verified");
});

test("places that a slice can't have are refused", async () => {
  const file = await retriever.open(`${cid}/index.html`);
  for (const value of ["5", 5n, NaN, 1.5, true, [], {}, Symbol("a"), new Uint8Array(1)]) {
    assert.throws(() => file.slice(value), { code: "invalid_input", field: "start" });
    assert.throws(() => file.slice(0, value), { code: "invalid_input", field: "end" });
  }
  assert.equal(file.slice(null, null).size, file.size);
  for (const method of ["bytes", "arrayBuffer", "text"]) {
    await assert.rejects(file[method]({ start: 5 }), { code: "invalid_input", message: `${method}() takes no option "start"; there are signal` });
    await assert.rejects(file[method]({ signal: AbortSignal.abort("no") }), (reason) => reason === "no");
  }
  assert.throws(() => file.stream({ mostBytes: 5 }), { code: "invalid_input" });
});

test("a folder is listed, as often as one likes, and no further than one likes", async () => {
  assert.deepEqual(
    (await listed(cid)).map(({ name, kind, size }) => ({ name, kind, size })),
    [{ name: "art", kind: "folder", size: undefined }, { name: "index.html", kind: "file", size: 3000 }],
  );
  const list = retriever.list(`${cid}/art`);
  for (let i = 0; i < 2; i++) {
    const names = [];
    for await (const { name } of list) names.push(name);
    assert.deepEqual(names, ["1.png", "deep"]);
  }
  for await (const entry of list) {
    assert.equal(entry.name, "1.png");
    break;
  }
});

test("a large folder comes whole, and its links are told", async () => {
  const dag = new Dag();
  const leaf = dag.file(Buffer.from("x"));
  const entries = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`file-${String(i).padStart(4, "0")}`, leaf]));
  const root = dag.folder({ ...entries, link: dag.symlink("file-0001"), long: dag.file(bytesOf(9), bytesOf(8)) });
  const gateway = await startGateway(dag);
  const found = await listed(root, new Retriever({ gateways: [gateway.url], ...patient }));
  assert.equal(found.length, 3002);
  assert.equal(found[2999].name, "file-2999");
  assert.deepEqual([found[3000].kind, found[3000].target, "size" in found[3000]], ["symlink", "file-0001", false]);
  assert.deepEqual([found[3001].kind, found[3001].size, "target" in found[3001]], ["file", 17, false]);
  gateway.close();
});

test("a listing shows what no gateway has, and one that breaks gives what came before the error", async () => {
  const dag = new Dag();
  const missing = new Dag().file(bytesOf(5), bytesOf(6));
  const root = dag.folder({ a: dag.file(Buffer.from("x")), b: missing, c: dag.file(Buffer.from("x")) });
  const once = { ...patient, retry: { attempts: 1 } };
  const honest = await startGateway(dag);
  const kinds = (await listed(root, new Retriever({ gateways: [honest.url], ...once }))).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["file", "unavailable", "file"]);
  honest.close();
  const gateway = await startGateway(dag, (_, request, response) => request.url.includes(missing) && response.end("other bytes"));
  const from = new Retriever({ gateways: [gateway.url], ...once });
  const names = [];
  const loop = async () => {
    for await (const { name } of from.list(root)) names.push(name);
  };
  await assert.rejects(loop, (error) => error instanceof PinningError && /retriever\.test\.js/.test(error.stack));
  assert.deepEqual(names, ["a"]);
  gateway.close();
});

test("content is fetched to the disk, and only what is missing", async () => {
  const target = join(temporary(), "site");
  const told = [];
  const fetched = await retriever.fetch(cid, target, { onProgress: (progress) => told.push(progress) });
  assert.deepEqual(fetched, { cid, files: 3, bytes: 703_003, bytesFetched: 703_003 });
  for (const [name, bytes] of Object.entries(pages)) assert.ok(readFileSync(join(target, name)).equals(bytes));
  assert.deepEqual([told.at(-1).bytes, told.at(-1).files], [703_003, 3]);
  const again = await retriever.fetch(cid, pathToFileURL(target));
  assert.deepEqual(again, { ...fetched, bytesFetched: 0 });
  writeFileSync(join(target, "index.html"), "mine");
  await assert.rejects(retriever.fetch(cid, target), (error) => error instanceof LocalIoError && error.path.endsWith("index.html"));
  assert.equal(readFileSync(join(target, "index.html"), "utf8"), "mine");
  const mended = await retriever.fetch(cid, target, { overwrite: true, concurrency: 1 });
  assert.equal(mended.bytesFetched, 3000);
  assert.ok(readFileSync(join(target, "index.html")).equals(pages["index.html"]));
});

test("the bounds of a fetch hold for all of it", async () => {
  for (const [options, field] of [[{ mostBytes: 703_002 }, "mostBytes"], [{ mostEntries: 2 }, "mostEntries"], [{ concurrency: 0 }, "concurrency"]]) {
    await assert.rejects(retriever.fetch(cid, join(temporary(), "site"), options), { code: "invalid_input", field });
  }
});

test("a link that leads out of a folder isn't made unless all are trusted", async () => {
  const dag = new Dag();
  const root = dag.folder({ "a.txt": dag.file(Buffer.from("a")), inside: dag.symlink("a.txt"), outside: dag.symlink("../secret") });
  const gateway = await startGateway(dag);
  const from = new Retriever({ gateways: [gateway.url], ...patient });
  const names = async (symlinks) => {
    const target = join(temporary(), "site");
    await from.fetch(root, target, { symlinks });
    return readdirSync(target);
  };
  await assert.rejects(names("inside"), { code: "decode" });
  assert.deepEqual(await names("all"), ["a.txt", "inside", "outside"]);
  assert.deepEqual(await names("skip"), ["a.txt"]);
  gateway.close();
});

test("nothing is written through what lies at the destination", async () => {
  const folder = temporary();
  writeFileSync(join(folder, "file"), "mine");
  mkdirSync(join(folder, "elsewhere"));
  symlinkSync("elsewhere", join(folder, "link"));
  for (const name of ["file", "link"]) {
    await assert.rejects(retriever.fetch(cid, join(folder, name)), LocalIoError);
  }
  await assert.rejects(retriever.fetch(cid, join(folder, "missing", "site")), LocalIoError);
  assert.deepEqual(readdirSync(join(folder, "elsewhere")), []);
  assert.equal(readFileSync(join(folder, "file"), "utf8"), "mine");
});

test("a client reads back from its gateways, and its end is the retriever's", async () => {
  const client = server.client();
  const own = client.retriever();
  assert.ok(own instanceof Retriever);
  assert.deepEqual(await own.read(`${cid}/index.html`), pages["index.html"]);
  own.close();
  await assert.rejects(own.read(cid), { name: "AbortError" });
  await client.checkCredentials();
  const other = client.retriever();
  client.close();
  await assert.rejects(other.read(cid), { name: "AbortError", message: "the client was closed" });
  assert.throws(() => other.stream(cid), { name: "AbortError" });
  const elsewhere = new Client({ credentials: server.credentials, endpoint: server.endpoint, gateways: ["http://127.0.0.1:1"], retry: { attempts: 1 } });
  await assert.rejects(elsewhere.retriever().read(`${cid}/index.html`), PinningError);
});

test("a route of a server passes a stream on", async () => {
  const routes = createServer((request, response) => {
    Readable.fromWeb(retriever.stream(`${cid}/art/1.png`)).pipe(response);
  }).listen(0, "127.0.0.1");
  await once(routes, "listening");
  const response = await fetch(`http://127.0.0.1:${routes.address().port}/`);
  assert.ok(pages["art/1.png"].equals(Buffer.from(await response.arrayBuffer())));
  routes.close();
});
