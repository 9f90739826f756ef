// Prints an error of the service from within a bundle.
import { Client, NotFoundError, PinningError } from "w3pin";
import { startLocalServer } from "w3pin/testing";

async function main() {
  const server = await startLocalServer();
  const error = await server.client().getPin("nope").catch((it) => it);
  await server.close();
  const known = error instanceof NotFoundError && error instanceof PinningError && error instanceof Error;
  const names = [error.name, error.constructor.name, String(error.stack).split(":")[0]];
  console.log(JSON.stringify({ known, names, client: typeof Client }));
}

main().catch((error) => console.log(error.message));
