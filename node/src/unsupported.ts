/**
 * What bundlers for browsers and edge runtimes get instead of the package. It has the same names, so that code shared
 * with a server can be bundled, and says on use what to do.
 *
 * @packageDocumentation
 */
export * from "./errors.js";

function refuse(): never {
  throw new Error(
    "w3pin runs in Node.js, Bun and Deno, not in browsers or edge runtimes, because its engine is a native module and " +
      'its keys must stay secret; call it from server code (in Next.js with `runtime = "nodejs"`) and reach that from ' +
      "here by a request.",
  );
}

export class Client {
  constructor() {
    refuse();
  }
}

export class Pin {
  constructor() {
    refuse();
  }
}

export class Pins {
  constructor() {
    refuse();
  }
}

export class PreparedUpload {
  constructor() {
    refuse();
  }
}

export class RemoteFile {
  constructor() {
    refuse();
  }
}

export class Retriever {
  constructor() {
    refuse();
  }
}

export async function computeCid(): Promise<never> {
  refuse();
}

export async function packCar(): Promise<never> {
  refuse();
}

export async function previewUpload(): Promise<never> {
  refuse();
}

export async function verify(): Promise<never> {
  refuse();
}

export async function startLocalServer(): Promise<never> {
  refuse();
}
