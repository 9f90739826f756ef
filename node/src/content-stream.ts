import { attempt, here, start, type Call, type Caller, type Running } from "./call.js";
import type { CancelToken, NativeContentStream } from "./native.js";
import { translate } from "./translate.js";

/** @internal A file's bytes as a stream, in which each piece is asked for when it is read. */
export function contentStream(
  of: Call,
  begin: (running: Running) => NativeContentStream,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const caller = here(of.operation);
  const { running, stopped, end } = attempt(() => start(of), caller);
  let stream: NativeContentStream;
  try {
    stream = attempt(() => begin(running), caller);
  } catch (thrown) {
    end();
    throw thrown;
  }
  const source = new Source(stream, running.token, end, caller);
  endBy(stopped, source);
  forgotten.register(source, end);
  return new ReadableStream(source);
}

/** Ends the source for the reason by which its call is stopped. A stream that nobody has any more isn't kept for that. */
function endBy(stopped: Promise<never>, source: Source): void {
  const held = new WeakRef(source);
  stopped.catch((reason: unknown) => held.deref()?.fail(reason));
}

/** Streams that were neither read to their end nor cancelled leave the calls that are under way. */
const forgotten = new FinalizationRegistry<() => void>((end) => end());

/** What the stream reads from. */
class Source implements UnderlyingByteSource {
  readonly type = "bytes";
  readonly #stream: NativeContentStream;
  readonly #token: CancelToken;
  readonly #end: () => void;
  readonly #caller: Caller;
  #controller?: ReadableByteStreamController;

  constructor(stream: NativeContentStream, token: CancelToken, end: () => void, caller: Caller) {
    this.#stream = stream;
    this.#token = token;
    this.#end = end;
    this.#caller = caller;
  }

  start(controller: ReadableByteStreamController): void {
    this.#controller = controller;
  }

  async pull(controller: ReadableByteStreamController): Promise<void> {
    try {
      const piece = await this.#stream.next(this.#token);
      if (piece) {
        controller.enqueue(piece);
        return;
      }
    } catch (thrown) {
      this.cancel();
      throw translate(thrown, this.#caller);
    }
    this.cancel();
    controller.close();
    // Who reads into a buffer of their own waits for it still.
    controller.byobRequest?.respond(0);
  }

  /** Closes the connection. */
  cancel(): void {
    this.#token.cancel();
    this.#stream.close();
    this.#end();
  }

  fail(reason: unknown): void {
    this.cancel();
    this.#controller?.error(reason);
  }
}
