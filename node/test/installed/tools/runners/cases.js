// What must work in a test runner with a separate realm: the error classes, and the recognition of content.
const assert = require("node:assert/strict");
const { writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { Readable } = require("node:stream");
const { pathToFileURL } = require("node:url");

module.exports = function cases(w3pin, { startLocalServer }) {
  const path = join(tmpdir(), `w3pin-runners-${process.pid}.txt`);
  writeFileSync(path, "hello");
  const bytes = () => new TextEncoder().encode("hello");
  const contents = {
    "a Uint8Array": (client) => client.pinBytes(bytes()),
    "an ArrayBuffer": (client) => client.pinBytes(bytes().buffer),
    "a Buffer": (client) => client.pinBytes(Buffer.from("hello")),
    "a Blob": (client) => client.pinStream(new Blob([bytes()])),
    "a web stream": (client) => client.pinStream(new Blob([bytes()]).stream()),
    "a Readable": (client) => client.pinStream(Readable.from([Buffer.from("hello")])),
    "an iterable": (client) => client.pinStream([bytes()]),
    "a stream that was read back": async (client) => {
      const { cid } = await client.pinBytes(bytes());
      return client.pinStream(client.retriever().stream(cid));
    },
    "bytes that were read back": async (client) => {
      const { cid } = await client.pinBytes(bytes());
      return client.pinBytes(await client.retriever().read(cid));
    },
    "a part of a file that was read back": async (client) => {
      const { cid } = await client.pinBytes(bytes());
      const file = await client.retriever().open(cid);
      assert.equal(await new Response(file.slice(1, 3).stream()).text(), "el");
      return client.pinBytes(await file.slice(1).arrayBuffer());
    },
    "a path": (client) => client.pinFile(path),
    "a file URL": (client) => client.pinFile(pathToFileURL(path)),
  };
  const failures = {
    NotFoundError: (client) => client.getPin("nope"),
    InvalidInputError: (client) => client.retriever().read("nope"),
    LocalIoError: () => w3pin.computeCid(join(path, "missing")),
    RequestTimeoutError: (client) => client.pinStream(new ReadableStream(), { timeoutMs: 10 }),
  };
  const refused = {
    "an unknown profile": () => startLocalServer({ profile: "x" }),
    "a profile that is no text": () => startLocalServer({ profile: 7 }),
    "a key that can't be one": async () => new w3pin.Client({ credentials: { apiKey: "a b", secretKey: "S" } }),
  };
  const isError = (name) => (error) => {
    assert.ok(error instanceof w3pin[name] && error instanceof w3pin.PinningError && error instanceof Error, error);
    assert.equal(error.name, name);
    assert.doesNotMatch(error.message, /^\{/);
    return true;
  };
  const withClient = (use) => async () => {
    const server = await startLocalServer();
    try {
      return await use(server.client());
    } finally {
      await server.close();
    }
  };
  return [
    ...Object.entries(contents).map(([name, pin]) => [
      name,
      withClient(async (client) => assert.equal((await pin(client)).verification.result, "verified")),
    ]),
    ...Object.entries(failures).map(([name, fail]) => [
      name,
      withClient((client) => assert.rejects(() => fail(client), isError(name))),
    ]),
    ...Object.entries(refused).map(([name, refuse]) => [name, () => assert.rejects(refuse, isError("InvalidInputError"))]),
  ];
};
