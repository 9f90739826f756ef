// Fetches a file or folder and checks every block against its CID. Run it again to resume.
// Usage: node read-back.mjs CID DESTINATION
import { Client } from "w3pin";

const [cid, destination] = process.argv.slice(2);

const retriever = new Client().retriever();
const { files, bytes, bytesFetched } = await retriever.fetch(cid, destination);

console.log(`${files} files, ${bytes} bytes, ${bytesFetched} of them fetched`);
