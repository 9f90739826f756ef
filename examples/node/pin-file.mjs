// Pins a file and shows the progress of the upload.
// Usage: node pin-file.mjs FILE
import { Client } from "w3pin";

const client = new Client();
const pin = await client.pinFile(process.argv[2], {
  onProgress: ({ bytesSent, bytesTotal }) => process.stderr.write(`\r${bytesSent} of ${bytesTotal} bytes`),
});

process.stderr.write("\n");
console.log(pin.cid);
