// A route handler that streams content read back.
import { startLocalServer } from "w3pin/testing";

export const dynamic = "force-dynamic";

export async function GET() {
  const server = await startLocalServer();
  const { cid } = await server.client().pinBytes(Buffer.from("hello\n"));
  const bytes = server.client().retriever().stream(cid);
  const last = new TransformStream({ flush: () => server.close() });
  return new Response(bytes.pipeThrough(last), { headers: { "x-cid": cid } });
}
