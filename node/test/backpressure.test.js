// A slow network never makes memory grow.
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { createServer } = require("node:net");
const { Readable } = require("node:stream");
const { test } = require("node:test");

const { Client } = require("w3pin");

/** The forms that a source of pieces can have. */
const FORMS = {
  "an async iterable": (pieces) => pieces,
  "a Readable": (pieces) => Readable.from(pieces, { objectMode: false }),
  "a ReadableStream": (pieces) => Readable.toWeb(Readable.from(pieces, { objectMode: false })),
};

for (const [form, make] of Object.entries(FORMS)) {
  test(`${form} is read no further than the network takes it, and is let go of`, async () => {
    const connections = [];
    const listener = createServer((connection) => {
      connections.push(connection.on("error", () => {}).pause());
    });
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const client = new Client({
      credentials: { apiKey: "K", secretKey: "S" },
      endpoint: `http://127.0.0.1:${listener.address().port}/api/pinning`,
    });
    let given = 0;
    let closed;
    const ended = new Promise((resolve) => (closed = resolve));
    async function* pieces() {
      try {
        for (; given < 4096; given++) yield Buffer.alloc(1 << 16, 1);
      } finally {
        closed();
      }
    }
    const abort = new AbortController();
    const call = client.pinStream(make(pieces()), { signal: abort.signal });
    const rejected = assert.rejects(call, { name: "AbortError" });
    // Until nothing more is asked for.
    for (let last = -1; given === 0 || last !== given; ) {
      last = given;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    assert.ok(given < 1024, `${given} pieces of 64 KiB were read of 4096`);
    abort.abort();
    await rejected;
    await ended;
    connections.forEach((it) => it.destroy());
    listener.close();
  });
}
