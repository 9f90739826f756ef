// What a TypeScript user writes must compile, and what is wrong must not.
import { createReadStream } from "node:fs";

import { Client, computeCid, NotFoundError, PinningError, type ErrorCode, type Pin } from "w3pin";
import { startLocalServer } from "w3pin/testing";

const client = new Client({ credentials: { apiKey: "K", secretKey: "S" }, endpoint: "aiozpin", retry: { attempts: 3 } });
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
  const size: number | null = pin.size;
  const date: Date | null = pin.datePinned;
  const result: "verified" | "mismatch" | "unproved" | "unchecked" = pin.verification.result;
  if (pin.status === "DONE") console.log(size, date, result);

  await client.pinBytes(new ArrayBuffer(8));
  await client.pinStream(createReadStream("a.txt"));
  await client.pinStream(new Blob(["a"]));
  for await (const { cid } of client.pins({ pinned: "pinned", sortBy: "name", sortOrder: "asc" })) console.log(cid);
  const all: Pin[] = await client.pins().toArray();
  const outcomes = await client.pinFiles(all.map((it) => it.cid), { concurrency: 8 });
  for (const outcome of outcomes) {
    if (outcome.error) console.log(outcome.error.message);
    else console.log(outcome.ok.cid);
  }
  const { blocksFetched } = await client.verify("site", pin.cid, { gateway: "https://ipfs.io" });
  const { dagSize } = await computeCid("site", { profile: "unixfs-v1-2025" });
  console.log(blocksFetched + dagSize);

  await client.getPin("x").catch((error: unknown) => {
    if (error instanceof NotFoundError) console.log(error.status, error.retryAfterMs);
    if (error instanceof PinningError) {
      const code: ErrorCode = error.code;
      console.log(code);
    }
  });
  const server = await startLocalServer();
  await server.client().checkCredentials({ timeoutMs: 1000 });
  await server.close();

  // @ts-expect-error a folder's option
  await client.pinBytes(new Uint8Array(), { hidden: true });
  // @ts-expect-error text isn't bytes
  await client.pinBytes("text");
  // @ts-expect-error no such proof
  await client.pinFile("a", { verify: "always" });
  // @ts-expect-error a pin is frozen
  pin.cid = "x";
}
