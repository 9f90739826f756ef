// A third-party pinning service for tests.
import { createRequire } from "node:module";
import { createServer } from "node:http";

const { setup } = createRequire(import.meta.url)("mock-ipfs-pinning-service");
const server = createServer(await setup({ token: process.argv[2], loglevel: "error" }));
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
