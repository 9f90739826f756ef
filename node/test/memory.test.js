// Tests that calls leave nothing in memory.
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { getHeapSnapshot } = require("node:v8");

const { Client, InvalidInputError } = require("w3pin");

/** Counts the objects of a class, after a garbage collection. */
async function alive(name) {
  const parts = [];
  for await (const part of getHeapSnapshot()) parts.push(part);
  const { snapshot, nodes, strings } = JSON.parse(parts.join(""));
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [object, wanted] = [types[0].indexOf("object"), strings.indexOf(name)];
  let count = 0;
  for (let node = 0; node < nodes.length; node += fields.length) {
    if (nodes[node] === object && nodes[node + 1] === wanted) count += 1;
  }
  return count;
}

test("a client whose calls were all refused is released", async () => {
  for (let number = 0; number < 20; number += 1) {
    const client = new Client({ credentials: { apiKey: "KEY", secretKey: "SECRET" }, endpoint: "http://127.0.0.1:1" });
    await assert.rejects(client.getPin(null), InvalidInputError);
  }
  // An idle client lets go of its native function after a second.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  // That of the functions without a client remains, and the last client's may.
  const left = await alive("PendingCalls");
  assert.ok(left >= 1 && left <= 2, `${left} are left`);
});
