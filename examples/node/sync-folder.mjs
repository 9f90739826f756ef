// Keeps a folder pinned under a name, sends it only if it has changed, and prints its CID.
// Usage: node sync-folder.mjs FOLDER NAME
import { Client } from "w3pin";

const [folder, name] = process.argv.slice(2);

const client = new Client();
const synced = await client.syncFolder(folder, name, { keep: 3 });

console.log(synced.cid);
