// The package on a runtime that it doesn't support.
import { Client } from "w3pin";

export const runtime = "edge";

export function GET() {
  try {
    new Client();
    return new Response("a client");
  } catch (error) {
    return new Response(error.message);
  }
}
