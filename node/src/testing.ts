/**
 * The pinning service in your own process, for tests without an account or a network.
 *
 * @packageDocumentation
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { text } from "./arguments.js";
import { attempt, here } from "./call.js";
import { Client } from "./client.js";
import { native, type NativeServer } from "./native.js";
import { translate } from "./translate.js";
import type { Profile } from "./types.js";
import type { ClientOptions } from "./options.js";
import { read } from "./takes.js";

/** The options of a local server. */
export interface LocalServerOptions {
  /** The UnixFS profile for imports; `kubo-cidv1-legacy` unless set. */
  profile?: Profile | undefined;
}

/** A server with the service's API and a gateway, which runs until it is closed. */
export interface LocalServer {
  /** The endpoint to give to clients. */
  readonly endpoint: string;
  /** The URL of the gateway, without `/ipfs/<cid>`. */
  readonly gateway: string;
  /** The keys that it accepts. */
  readonly credentials: {
    /** The API key. */
    readonly apiKey: string;
    /** The secret key. */
    readonly secretKey: string;
  };
  /** A client of it. */
  client(options?: Omit<ClientOptions, "credentials" | "endpoint"> | null): Client;
  /** Stops it and removes its data. */
  close(): Promise<void>;
  /** {@link close}, at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Servers that aren't closed yet. They stop when they are collected, though their endpoint may be all that is kept. */
const running = new Set<NativeServer>();

/**
 * Starts a server on a free port of this machine.
 *
 * @throws `InvalidInputError` if the profile is unknown, `LocalIoError` if the server can't start.
 *
 * @example
 * ```js
 * import { startLocalServer } from "w3pin/testing";
 *
 * const server = await startLocalServer();
 * const pin = await server.client().pinBytes(Buffer.from("hello"));
 * await server.close();
 * ```
 */
export async function startLocalServer(options?: LocalServerOptions | null): Promise<LocalServer> {
  const caller = here(startLocalServer);
  const { json } = attempt(() => read("startLocalServer", options, { profile: text }), caller);
  const { profile = "kubo-cidv1-legacy" } = json as { profile?: string };
  const credentials = { apiKey: randomBytes(12).toString("hex"), secretKey: randomBytes(22).toString("hex") };
  const server: NativeServer = new native.NativeServer();
  const folder = await mkdtemp(join(tmpdir(), "w3pin-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  let started: { endpoint: string };
  try {
    started = JSON.parse(await server.start(folder, credentials.apiKey, credentials.secretKey, profile));
  } catch (thrown) {
    await remove();
    throw translate(thrown, caller);
  }
  running.add(server);
  const close = async () => {
    try {
      await server.stop();
    } catch (thrown) {
      throw translate(thrown, here(close));
    } finally {
      running.delete(server);
      await remove();
    }
  };
  return {
    endpoint: started.endpoint,
    gateway: new URL(started.endpoint).origin,
    credentials,
    client: (settings) => new Client({ ...settings, credentials, endpoint: started.endpoint }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
