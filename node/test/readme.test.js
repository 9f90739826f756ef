// The README's examples work.
const assert = require("node:assert/strict");
const { execFile } = require("node:child_process");
const { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { after, before, test } = require("node:test");
const { promisify } = require("node:util");

const { startLocalServer } = require("w3pin/testing");

const root = join(__dirname, "..");
const examples = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/```js\n([^]*?)```/g)].map((it) => it[1]);
let server;
let folder;

before(async () => {
  server = await startLocalServer();
  folder = mkdtempSync(join(tmpdir(), "w3pin-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules", "w3pin"), "junction");
  for (const name of ["site", "art"]) mkdirSync(join(folder, name));
  for (const name of ["site/index.html", "art/1.png", "art/2.png"]) writeFileSync(join(folder, name), name);
});
after(async () => {
  rmSync(folder, { recursive: true });
  await server.close();
});

test("there are examples", () => assert.ok(examples.length > 5));

for (const [index, example] of examples.entries()) {
  test(`example ${index + 1}: ${example.split("\n")[0]}`, async () => {
    const { apiKey, secretKey } = server.credentials;
    const begin = `import * as w3pin from "w3pin";\n`;
    const client = /\bclient =/.test(example) ? "" : "const client = new w3pin.Client();\n";
    const usesPin = /\bpin\.cid/.test(example) && !/const pin =/.test(example);
    const pin = usesPin ? `const gateway = "${server.gateway}";\nconst pin = await client.pinFolder("site");\n` : "";
    const code = example.replace('"API_KEY"', `"${apiKey}"`).replace('"SECRET_KEY"', `"${secretKey}"`);
    const path = join(folder, `example-${index}.mjs`);
    writeFileSync(path, begin + client + pin + code);
    const env = {
      ...process.env,
      W3PIN_API_KEY: apiKey,
      W3PIN_SECRET_KEY: secretKey,
      W3PIN_ENDPOINT: server.endpoint,
    };
    await promisify(execFile)(process.execPath, [path], { cwd: folder, env, timeout: 20_000 });
  });
}
