// Lists the pins of a stage, such as `draft`, and unpins them.
// Usage: node clean-up.mjs STAGE
import { Client } from "w3pin";

const client = new Client();
const ids = [];
for await (const { id, cid, name } of client.pins({ pinned: "pinned", keyvalues: { stage: process.argv[2] } })) {
  console.log(id, cid, name);
  ids.push(id);
}

for await (const { index, error } of client.unpinManyAsCompleted(ids)) {
  if (error) console.error(`${ids[index]} can't be unpinned: ${error.message}`);
}
