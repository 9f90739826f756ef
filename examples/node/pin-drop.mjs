// Pins the images of an NFT drop and then their metadata, with two requests in total.
// Usage: node pin-drop.mjs IMAGES
import { readdir } from "node:fs/promises";
import { parse } from "node:path";
import { Client, previewUpload } from "w3pin";

const images = process.argv[2];

// The CID is known before anything is sent, so the metadata can name the images.
const { cid } = await previewUpload(images);
const metadata = {};
for (const image of await readdir(images)) {
  const token = parse(image).name;
  metadata[`${token}.json`] = Buffer.from(
    JSON.stringify({ name: `Token #${token}`, image: `ipfs://${cid}/${image}` }),
  );
}

const client = new Client();
await client.pinFolder(images, { name: "images", verify: "require" });
const pin = await client.pinFolder(metadata, { name: "metadata", verify: "require" });

console.log(`${pin.ipfsUrl}/`);
