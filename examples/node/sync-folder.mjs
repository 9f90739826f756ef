// Keeps a folder pinned under a name, and prints the CID to publish. An unchanged folder isn't sent again.
// Usage: node sync-folder.mjs FOLDER NAME
import { Client } from "w3pin";

const [folder, name] = process.argv.slice(2);

const client = new Client();
const synced = await client.syncFolder(folder, name, { keep: 3 });

console.log(synced.cid);
