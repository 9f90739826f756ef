import { call, here, type Call } from "./call.js";
import type { RawOutcome } from "./batch.js";
import type { NativeFolderEntries } from "./native.js";
import { errorOf } from "./translate.js";
import type { FolderEntry } from "./types.js";

/** @internal The entries of a folder, asked for as the loop goes on. */
export function folderEntries(of: Call, begin: () => NativeFolderEntries): AsyncIterable<FolderEntry> {
  const caller = here(of.operation);
  async function* entries(): AsyncGenerator<FolderEntry, void, undefined> {
    let listing: NativeFolderEntries | undefined;
    try {
      for (;;) {
        const ready = await call(
          of,
          async ({ invoke }) => invoke((...handle) => (listing ??= begin()).next(...handle)),
          (ready: RawOutcome<FolderEntry>[]) => ready,
          caller,
        );
        if (ready.length === 0) {
          return;
        }
        for (const entry of ready) {
          if (entry.error) {
            throw errorOf(entry.error, caller);
          }
          yield entry.ok;
        }
      }
    } finally {
      listing?.close();
    }
  }
  return { [Symbol.asyncIterator]: entries };
}
