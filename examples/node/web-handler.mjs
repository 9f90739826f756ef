// Pins the body of a POST while it arrives, and answers GET /CID[/PATH] with proved content.
// Usage: node web-handler.mjs [PORT]
import { createServer } from "node:http";
import { pipeline } from "node:stream/promises";
import { Client, InvalidInputError, NotFoundError } from "w3pin";

const client = new Client();
const retriever = client.retriever();

async function handle(request, response) {
  if (request.method === "POST") {
    const { cid } = await client.pinStream(request, { name: "upload", verify: "require" });
    response.writeHead(201).end(`${cid}\n`);
    return;
  }
  const path = decodeURIComponent(request.url.slice(1));
  const { size } = await retriever.resolve(path);
  response.writeHead(200, { "content-length": size });
  await pipeline(retriever.stream(path), response);
}

const server = createServer((request, response) => {
  handle(request, response).catch((error) => {
    // After the first byte, an error can only abort the response.
    if (response.headersSent) return response.destroy(error);
    const status = error instanceof NotFoundError ? 404 : error instanceof InvalidInputError ? 400 : 502;
    response.writeHead(status).end(`${error.message}\n`);
  });
});
server.listen(process.argv[2] ?? 8080, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
