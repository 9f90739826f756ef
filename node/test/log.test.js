// Tests that each call is logged, without keys.
const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const { test } = require("node:test");

/** Runs a program with a local server, and returns its output. */
function run(begin, env = {}) {
  const script = `${begin}
    const { startLocalServer } = require("w3pin/testing");
    (async () => {
      const server = await startLocalServer();
      const client = server.client();
      await client.unpin((await client.pinBytes(Buffer.from("hello"))).id);
      await client.getPin("nope").catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 50));
      await server.close();
      const { apiKey, secretKey } = server.credentials;
      console.log(JSON.stringify([apiKey, secretKey]));
    })();`;
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], {
    cwd: __dirname,
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
  return { keys: lines.pop(), records: lines, stdout, stderr };
}

test("subscribers of the channel get a record of each call, without keys", () => {
  const subscribe = `require("node:diagnostics_channel").subscribe("w3pin", (it) => console.log(JSON.stringify(it)));`;
  const { records, keys, stderr } = run(subscribe);
  assert.equal(stderr, "");
  const responses = records.filter((it) => it.message === "response");
  assert.deepEqual(responses.map((it) => [it.method, it.status]), [
    ["POST", 201],
    ["DELETE", 200],
    ["GET", 404],
  ]);
  for (const { path, milliseconds, attempt, bytesReceived, level } of responses) {
    assert.ok(path.includes("/pinning") && milliseconds >= 0 && attempt === 1 && bytesReceived > 0 && level === "debug");
  }
  const text = JSON.stringify(records);
  assert.ok(keys.every((key) => !text.includes(key)));
});

test("NODE_DEBUG=w3pin prints each call, without keys", () => {
  const { stderr, keys } = run("", { NODE_DEBUG: "w3pin" });
  assert.match(stderr, /^W3PIN \d+: response .*method=POST.* status=201/m);
  assert.ok(keys.every((key) => !stderr.includes(key)));
  assert.equal(run("").stderr, "");
});
