// A route handler that pins what a form uploads.
import { NotFoundError } from "w3pin";
import { startLocalServer } from "w3pin/testing";

export async function POST(request) {
  const server = await startLocalServer();
  const client = server.client();
  const file = (await request.formData()).get("file");
  const { cid, name } = await client.pinStream(file);
  const error = await client.getPin("nope").catch((it) => it);
  await server.close();
  return Response.json({ cid, name, known: error instanceof NotFoundError });
}
