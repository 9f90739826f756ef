// Test runners evaluate packages in separate realms.
const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const { join } = require("node:path");
const { before, test } = require("node:test");

const { project } = require("./place.js");

let folder;
before(() => (folder = project("tools")));

function run(program, ...args) {
  const env = { ...process.env, NODE_OPTIONS: "--experimental-vm-modules" };
  const path = join(folder, "node_modules", program);
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], { cwd: folder, env, encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
}

const jest = JSON.stringify({ rootDir: "runners", testMatch: ["**/*.test.*js"], transform: {} });
test("Jest, with CommonJS and modules", () => run("jest/bin/jest.js", "--config", jest));

for (const pool of ["forks", "threads", "vmThreads"]) {
  test(`vitest in ${pool}`, () => run("vitest/vitest.mjs", "run", "--dir", "runners", "--globals", "--pool", pool, "modules"));
}
