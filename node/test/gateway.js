// A trustless gateway, which serves well, or badly in one of many manners.
const { createHash } = require("node:crypto");
const { once } = require("node:events");
const { createServer } = require("node:http");
const { Readable } = require("node:stream");

const RAW = 0x55;
const DAG_PB = 0x70;
const CAR = "application/vnd.ipld.car; version=1; order=dfs; dups=y";

/** Blocks, and the files and folders that they are. */
exports.Dag = class Dag {
  #blocks = new Map();

  /** A file of one leaf, or of several below a root. */
  file(...leaves) {
    const parts = leaves.map((leaf) => ({ cid: this.#add(RAW, leaf, []), size: leaf.length }));
    if (parts.length === 1) return parts[0].cid;
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    const data = [varintField(1, 2), varintField(3, size), ...parts.map((part) => varintField(4, part.size))];
    return this.#node(parts, data);
  }

  /** A folder of these entries, by their names. */
  folder(entries) {
    const links = Object.entries(entries).map(([name, cid]) => ({ cid, name, size: 1 }));
    return this.#node(links, [varintField(1, 1)]);
  }

  symlink(target) {
    return this.#node([], [varintField(1, 4), bytesField(2, Buffer.from(target))]);
  }

  get(cid) {
    return this.#blocks.get(cid);
  }

  #node(links, data) {
    const written = links.map(({ cid, name = "", size }) =>
      bytesField(2, Buffer.concat([bytesField(1, bytesOf(cid)), bytesField(2, Buffer.from(name)), varintField(3, size)])),
    );
    return this.#add(DAG_PB, Buffer.concat([...written, bytesField(1, Buffer.concat(data))]), links);
  }

  #add(codec, bytes, links) {
    const cid = cidOf(codec, bytes);
    this.#blocks.set(cid, { bytes, links });
    return cid;
  }
};

/**
 * A gateway of a DAG, which serves as it should unless the manner, which is given the request and the response, gives true.
 * It counts what it is asked for, and the blocks of CARs that the network took.
 */
exports.startGateway = async function startGateway(dag, manner = () => false) {
  const gateway = { requests: [], blocks: 0, open: new Set(), url: "", close };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://gateway");
    const [root, ...names] = pathname.slice("/ipfs/".length).split("/").map(decodeURIComponent);
    const asked = { car: searchParams.get("format") === "car", scope: searchParams.get("dag-scope"), response };
    asked.range = rangeOf(searchParams.get("entity-bytes"));
    asked.path = below(dag, root, names);
    gateway.requests.push(request.url);
    gateway.open.add(response);
    response.on("close", () => gateway.open.delete(response));
    if (manner(asked, request, response)) return;
    if (!asked.path || !dag.get(asked.path.at(-1))) {
      response.writeHead(404).end("not here");
    } else if (asked.car) {
      response.writeHead(200, { "content-type": CAR });
      const car = Readable.from(sections(dag, asked, () => gateway.blocks++), { objectMode: false, highWaterMark: 1 });
      car.pipe(response);
      response.on("close", () => car.destroy());
    } else {
      response.writeHead(200, { "content-type": "application/vnd.ipld.raw" }).end(dag.get(asked.path.at(-1)).bytes);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  gateway.url = `http://127.0.0.1:${server.address().port}`;
  function close() {
    server.closeAllConnections();
    server.close();
  }
  return gateway;
};

/** What a gateway serves as a CAR, whole. */
exports.carOf = function carOf(dag, asked) {
  return Buffer.concat([...sections(dag, asked)]);
};

function* sections(dag, { path, scope, range }, served = () => {}) {
  yield header(path.at(0));
  for (const cid of walk(dag, path, scope, range)) {
    yield section(cid, dag.get(cid).bytes);
    served();
  }
}

function* walk(dag, path, scope, range) {
  yield* path.slice(0, -1);
  if (scope === "block") yield path.at(-1);
  else yield* entity(dag, path.at(-1), 0, scope === "all" ? undefined : range ?? [0, Infinity]);
}

/** A DAG in depth, of which only a part is meant where there is a range. */
function* entity(dag, cid, offset, range) {
  yield cid;
  const { links } = dag.get(cid);
  for (const { cid: child, name, size } of links) {
    if (range && name !== undefined) continue;
    if (!range || (offset + size > range[0] && offset <= range[1])) yield* entity(dag, child, offset, range);
    offset += size;
  }
}

function below(dag, root, names) {
  const path = [root];
  for (const name of names.filter(Boolean)) {
    const found = dag.get(path.at(-1))?.links.find((link) => link.name === name);
    if (!found) return undefined;
    path.push(found.cid);
  }
  return path;
}

function rangeOf(text) {
  const [from, to] = text?.split(":") ?? [];
  return text ? [Number(from), to === "*" ? Infinity : Number(to)] : undefined;
}

function header(root) {
  const cid = Buffer.concat([Buffer.of(0), bytesOf(root)]);
  const link = Buffer.concat([Buffer.of(0xd8, 0x2a, 0x58, cid.length), cid]);
  const cbor = Buffer.concat([Buffer.from("\xa2\x65roots\x81", "latin1"), link, Buffer.from("\x67version\x01", "latin1")]);
  return Buffer.concat([varint(cbor.length), cbor]);
}

function section(cid, block) {
  const head = bytesOf(cid);
  return Buffer.concat([varint(head.length + block.length), head, block]);
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

function cidOf(codec, block) {
  const digest = createHash("sha256").update(block).digest();
  const bits = [1, codec, 0x12, 0x20, ...digest].map((it) => it.toString(2).padStart(8, "0")).join("");
  return `b${bits.match(/.{1,5}/g).map((it) => LETTERS[parseInt(it.padEnd(5, "0"), 2)]).join("")}`;
}

function bytesOf(cid) {
  const bits = [...cid.slice(1)].map((it) => LETTERS.indexOf(it).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((it) => parseInt(it, 2)));
}

function varint(number) {
  const bytes = [];
  for (; number >= 128; number = Math.floor(number / 128)) bytes.push((number % 128) | 128);
  return Buffer.from([...bytes, number]);
}

function varintField(field, number) {
  return Buffer.concat([varint(field * 8), varint(number)]);
}

function bytesField(field, bytes) {
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes]);
}
