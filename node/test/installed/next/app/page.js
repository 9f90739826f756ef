// A server component.
import { startLocalServer } from "w3pin/testing";

export const dynamic = "force-dynamic";

export default async function Page() {
  const server = await startLocalServer();
  const pin = await server.client().pinBytes(Buffer.from("hello\n"));
  await server.close();
  return <p>{pin.cid}</p>;
}
