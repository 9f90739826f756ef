// What a TypeScript user writes must compile, and what is wrong must not.
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { buffer } from "node:stream/consumers";

import {
  Client,
  computeCid,
  NotFoundError,
  Pin,
  PinningError,
  PreparedUpload,
  previewUpload,
  RemoteFile,
  Retriever,
  verify,
  type ErrorCode,
  type Fetched,
  type FolderEntry,
  type Node,
} from "w3pin";
import { startLocalServer } from "w3pin/testing";

const client = new Client({ credentials: { apiKey: "K", secretKey: "S" }, endpoint: "aiozpin", retry: { attempts: 3 }, rateLimit: "unlimited", gateways: new Set(["https://ipfs.io"]) });
const abort = new AbortController();

export async function use(): Promise<void> {
  const pin: Pin = await client.pinFolder("site", {
    name: "my site",
    keyvalues: { year: "2026" },
    verify: "require",
    symlinks: "follow",
    signal: abort.signal,
    onProgress: ({ bytesSent, bytesTotal, file }) => console.log(bytesSent, bytesTotal ?? "?", file),
  });
  const size: number | undefined = pin.size;
  const date: Date | undefined = pin.datePinned;
  const result: "verified" | "mismatch" | "unproved" | "unchecked" = pin.verification.result;
  if (pin.status === "DONE") console.log(size, date, result);

  await client.pinBytes(new ArrayBuffer(8));
  await client.pinStream(createReadStream("a.txt"));
  await client.pinStream(new Blob(["a"]));
  for await (const { cid } of client.pins({ pinned: "pinned", sortBy: "name", sortOrder: "asc" })) console.log(cid);
  const all: Pin[] = await client.pins().toArray();
  const outcomes = await client.pinFiles(["a.txt", new URL("file:///b.txt"), { path: "c", name: "C" }], { concurrency: 8 });
  for (const outcome of outcomes) {
    if (outcome.error) console.log(outcome.error.message);
    else console.log(outcome.ok.cid);
  }
  for await (const { index, ok, error } of client.pinCidsAsCompleted([{ cid: "x", keyvalues: new Map([["a", "b"]]) }])) {
    if (error) console.log(index, error.message);
    else console.log(index, ok.ipfsUrl);
  }
  await client.pinFolder({ "0.json": new Uint8Array(1), "1.json": new Blob(["{}"]) }, { include: ["*.json"] });
  await client.pinFolder([new File(["a"], "a.txt")]);
  await client.pinFile("a", { name: undefined, timeoutMs: undefined });
  await client.pinFile("a", null);
  const upload: PreparedUpload = await client.prepareUpload("site", "body");
  await client.finishUpload(PreparedUpload.fromJSON(JSON.stringify(upload)), 201, new ArrayBuffer(2));
  console.log(new Pin(pin.toJSON()).gatewayUrl("https://ipfs.io"));
  const { blocksFetched } = await verify("site", pin.cid, { gateway: "https://ipfs.io" });
  const { dagSize } = await computeCid("site", { profile: "unixfs-v1-2025" });
  const { files } = await previewUpload({ "a.txt": new Uint8Array(1) });
  console.log(blocksFetched + dagSize, files[0]?.name);

  await client.getPin("x").catch((error: unknown) => {
    if (error instanceof NotFoundError) console.log(error.status, error.retryAfterMs);
    if (error instanceof PinningError) {
      const code: ErrorCode = error.code;
      console.log(code);
    }
  });
  const server = await startLocalServer();
  await server.client().checkCredentials({ signal: AbortSignal.timeout(1000) });
  await server.close();

  // @ts-expect-error a folder's option
  await client.pinBytes(new Uint8Array(), { hidden: true });
  // @ts-expect-error text isn't bytes
  await client.pinBytes("text");
  // @ts-expect-error no such proof
  await client.pinFile("a", { verify: "always" });
  // @ts-expect-error a pin is frozen
  pin.cid = "x";
  // @ts-expect-error a single path isn't a collection
  await client.pinFiles("a.txt");
  // @ts-expect-error bytes aren't a collection of paths
  await client.pinFiles(new Uint8Array(1));
  // @ts-expect-error a single CID isn't a collection
  await client.pinCids("bafkqaaa");
  // @ts-expect-error a single id isn't a collection
  await client.unpinMany("x");
  // @ts-expect-error a single pattern isn't a collection
  await client.pinFolder("site", { exclude: "*.map" });
  // @ts-expect-error a single gateway isn't a collection
  new Client({ gateways: "https://ipfs.io" });
  // @ts-expect-error a controller isn't its signal
  await client.getPin("x", { signal: abort });
  // @ts-expect-error key-values are texts
  await client.pinFile("a", { keyvalues: { token: 1 } });
  // @ts-expect-error a folder in memory holds bytes
  await client.pinFolder({ "a.txt": "text" });
  // @ts-expect-error only a stream has a length to tell
  await client.pinFile("a", { length: 1 });
}

export async function read(): Promise<Response> {
  await using retriever = new Retriever({ gateways: ["https://ipfs.io"], retry: { attempts: 2 }, environment: false });
  const shared: Retriever = client.retriever();
  const node: Node = await retriever.resolve("ipfs://x");
  if (node.kind === "symlink") console.log(node.target?.length, node.size);
  const bytes = await retriever.read("x/a.txt", { start: 1, end: 2, mostBytes: 3, signal: abort.signal });
  const asBuffer: Buffer = bytes;
  console.log(asBuffer.toString("utf8"), new Response(bytes).status, new Blob([bytes]).size);
  for await (const piece of retriever.stream("x")) console.log(piece.byteLength);
  await pipeline(retriever.stream("x"), process.stdout);
  await client.pinStream(retriever.stream("x"));
  await buffer(retriever.stream("x"));
  const piece: Uint8Array | undefined = (await retriever.stream("x").getReader({ mode: "byob" }).read(new Uint8Array(9))).value;
  const file: RemoteFile = await retriever.open("x");
  const part: ArrayBuffer = await file.slice(-8).arrayBuffer();
  console.log(piece, part, await file.slice(0, 4).bytes(), (await file.text({ signal: abort.signal })).length);
  for await (const entry of retriever.list("x")) {
    const { name, kind, size }: FolderEntry = entry;
    console.log(name, kind, size);
  }
  const fetched: Fetched = await retriever.fetch("x", new URL("file:///x"), {
    overwrite: true,
    concurrency: 2,
    symlinks: "skip",
    mostBytes: 1,
    mostEntries: 1,
    onProgress: ({ bytes, bytesTotal, files }) => console.log(bytes, bytesTotal ?? "?", files),
  });
  console.log(fetched.bytesFetched);

  // @ts-expect-error no account is needed
  new Retriever({ credentials: { apiKey: "K", secretKey: "S" } });
  // @ts-expect-error no such policy
  await retriever.fetch("x", "x", { symlinks: "follow" });
  // @ts-expect-error a file is a place on the disk
  await retriever.fetch("x");
  // @ts-expect-error bytes aren't a path
  await retriever.read(new Uint8Array(1));
  // @ts-expect-error a slice has no options
  await file.slice(0, 1, { signal: abort.signal });
  // @ts-expect-error a remote file isn't a Blob that a Response takes
  new Response(file);
  return new Response(shared.stream("x"));
}
