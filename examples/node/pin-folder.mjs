// Pins a folder, fails unless the CID is proved, and waits until the service has all of it.
// Usage: node pin-folder.mjs FOLDER
import { Client } from "w3pin";

const client = new Client();
const { id } = await client.pinFolder(process.argv[2], { exclude: ["*.map"], verify: "require" });
const pin = await client.waitUntilPinned(id);

console.log(pin.cid);
