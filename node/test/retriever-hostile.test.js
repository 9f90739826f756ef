// Tests with misbehaving gateways: no wrong byte is returned, and no wait is endless.
const assert = require("node:assert/strict");
const { existsSync, mkdtempSync, readFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { buffer } = require("node:stream/consumers");
const { after, before, test } = require("node:test");

const { InvalidInputError, PinningError, Retriever } = require("w3pin");
const { Dag, carOf, startGateway } = require("./gateway.js");

const LEAF = 100_000;
const dag = new Dag();
const leaves = [1, 2, 3, 4, 5, 6].map((it) => Buffer.alloc(LEAF, it));
const whole = Buffer.concat(leaves);
const file = dag.file(...leaves);
const root = dag.folder({ "data.bin": file, "note.txt": dag.file(Buffer.from("note")) });
const CAR = "application/vnd.ipld.car; version=1; order=dfs; dups=y";

/** Responds to each request for a CAR, or for a block, with a separate body. */
const car = (body) => ({ car: isCar, path, ...asked }, _, response) => isCar && path && send(response, CAR, body({ path, ...asked }));
const block = (body) => ({ car: isCar, path }, _, response) => {
  if (isCar) return send(response, "text/plain", "no such format", 400);
  return path && send(response, "application/vnd.ipld.raw", body(Buffer.from(dag.get(path.at(-1)).bytes)));
};
const send = (response, type, body, status = 200, headers = {}) => response.writeHead(status, { "content-type": type, ...headers }).end(body);
const flipped = (bytes, at) => {
  bytes[at] ^= 1;
  return bytes;
};

/** All misbehaviours of a gateway, by name. */
const MANNERS = {
  "a block with a flipped bit": block((bytes) => flipped(bytes, 0)),
  "another block": block(() => Buffer.from("something else")),
  "an empty block": block(() => ""),
  "a block cut short": block((bytes) => bytes.subarray(0, bytes.length / 2)),
  "a block with more behind it": block((bytes) => Buffer.concat([bytes, Buffer.of(0)])),
  "a block of 5 MiB": block(() => Buffer.alloc(5 << 20)),
  "a page in place of everything": (_, __, response) => send(response, "text/html", "<h1>Welcome</h1>"),
  "a page that says it is a CAR": car(() => "<h1>Welcome</h1>"),
  "an empty CAR": car(() => ""),
  "a CAR cut short": car((asked) => carOf(dag, asked).subarray(0, 250_000)),
  "a CAR with a flipped bit early": car((asked) => flipped(carOf(dag, asked), 500)),
  "a CAR with a flipped bit late": car((asked) => flipped(carOf(dag, asked), 550_000)),
  "a CAR with other blocks behind it": car((asked) => Buffer.concat([carOf(dag, asked), Buffer.alloc(1 << 20, 7)])),
  "an endless CAR": (asked, _, response) => {
    if (!asked.car) return false;
    response.writeHead(200, { "content-type": CAR });
    const pour = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65536, 0x7f)));
    };
    response.on("drain", pour);
    pour();
    return true;
  },
  "a connection that breaks in the middle": ({ car, path, ...asked }, _, response) => {
    if (!car || !path) return false;
    response.writeHead(200, { "content-type": CAR });
    response.write(carOf(dag, { path, ...asked }).subarray(0, 250_000), () => response.destroy());
    return true;
  },
  "an answer that never comes": () => true,
  "an answer that stalls": ({ car, path, ...asked }, _, response) => {
    if (!car || !path) return false;
    response.writeHead(200, { "content-type": CAR }).write(carOf(dag, { path, ...asked }).subarray(0, 250_000));
    return true;
  },
  "404": (_, __, response) => send(response, "text/plain", "not here", 404),
  "410": (_, __, response) => send(response, "text/plain", "blocked", 410),
  "429 with an hour to wait": (_, __, response) => send(response, "text/plain", "slow down", 429, { "retry-after": "3600" }),
  "500 with a page": (_, __, response) => send(response, "text/html", "<h1>Oops</h1>", 500),
  "503": (_, __, response) => send(response, "text/plain", "", 503),
  "a redirect to itself": (_, request, response) => send(response, "text/plain", "", 302, { location: request.url }),
};

let good;
before(async () => (good = await startGateway(dag)));
// Gateways run until the end, since a pause that one requested outlives it and applies to its port.
const bads = [];
after(() => [good, ...bads].forEach((it) => it.close()));

async function startBad(manner) {
  bads.push(await startGateway(dag, manner));
  return bads.at(-1);
}

const retrieverOf = (...gateways) =>
  new Retriever({
    gateways: gateways.map((it) => it.url),
    environment: false,
    idleTimeoutMs: 300,
    callTimeoutMs: 5000,
    retry: { attempts: 2, baseDelayMs: 1, maxDelayMs: 5, budgetMs: 2000 },
  });

for (const [name, manner] of Object.entries(MANNERS)) {
  test(`${name}: another gateway serves`, async () => {
    const bad = await startBad(manner);
    const retriever = retrieverOf(bad, good);
    assert.ok(whole.equals(await retriever.read(`${root}/data.bin`)));
    assert.ok(whole.equals(await buffer(retriever.stream(file))));
    const names = [];
    for await (const entry of retriever.list(root)) names.push(entry.name);
    assert.deepEqual(names, ["data.bin", "note.txt"]);
    const target = join(mkdtempSync(join(tmpdir(), "w3pin-")), "site");
    assert.equal((await retriever.fetch(root, target)).bytes, 600_004);
    assert.ok(whole.equals(readFileSync(join(target, "data.bin"))));
  });

  test(`${name}: alone it gives no wrong byte`, async () => {
    const bad = await startBad(manner);
    const retriever = retrieverOf(bad);
    const target = join(mkdtempSync(join(tmpdir(), "w3pin-")), "data.bin");
    const pieces = [];
    const streamed = async () => {
      for await (const piece of retriever.stream(file)) pieces.push(Buffer.from(piece));
      return Buffer.concat(pieces);
    };
    const fetched = async () => {
      await retriever.fetch(file, target);
      return readFileSync(target);
    };
    for (const read of [() => retriever.read(file), streamed, fetched]) {
      const got = await read().catch((error) => error);
      if (got instanceof Error) assert.ok(got instanceof PinningError && !(got instanceof InvalidInputError), String(got));
      else assert.ok(whole.equals(got));
    }
    const given = Buffer.concat(pieces);
    assert.ok(whole.subarray(0, given.length).equals(given));
    assert.ok(!existsSync(target) || whole.equals(readFileSync(target)));
  });
}
