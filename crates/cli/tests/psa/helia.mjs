// Helia's pinning service, with one block and no network.
import { createPinningServiceAPIServer } from "@helia/pinning-service-api-server";
import { Helia } from "@helia/utils";
import { MemoryBlockstore } from "blockstore-core";
import { MemoryDatastore } from "datastore-core";
import { CID } from "multiformats/cid";

// Its libraries need features of Node.js 22.
Promise.withResolvers ??= () => {
  const it = {};
  it.promise = new Promise((resolve, reject) => Object.assign(it, { resolve, reject }));
  return it;
};
const [token, cid, content] = process.argv.slice(2);
const helia = new Helia({
  libp2p: { getMultiaddrs: () => ["/ip4/127.0.0.1/tcp/4001"] },
  blockstore: new MemoryBlockstore(),
  datastore: new MemoryDatastore(),
  blockBrokers: [],
  routers: [{ provide: async () => {} }],
});
await helia.blockstore.put(CID.parse(cid), Buffer.from(content));
const server = await createPinningServiceAPIServer(helia, {
  validateAccessToken: (given) => {
    if (given !== token) throw new Error("the token isn't known");
    return { id: "account" };
  },
  listen: { host: "127.0.0.1", port: 0 },
});
console.log(`http://127.0.0.1:${server.server.address().port}`);
