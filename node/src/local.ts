import { path as toPath, text } from "./arguments.js";
import { call, Open } from "./call.js";
import { content as toContent, once } from "./content.js";
import { native } from "./native.js";
import type { CidOptions, PreviewOptions, VerifyOptions } from "./options.js";
import { CID, PREVIEW, VERIFY } from "./takes.js";
import type { Content, PackedCar, Path, Proof, Root, UploadPreview } from "./types.js";

/** No client's end stops these. */
const open = new Open();

/**
 * Computes the CID of a file or folder, offline.
 *
 * @param content A file or folder, on disk or in memory.
 * @throws {@link LocalIoError} if it can't be read.
 *
 * @example
 * ```js
 * const { cid } = await computeCid("site");
 * ```
 */
export function computeCid(content: Content, options?: CidOptions | null): Promise<Root> {
  return call(
    { operation: computeCid, takes: CID, options, open },
    async ({ json, invoke }) => once(toContent("content", content), (it) => invoke((...handle) => native.computeCid(it, json, ...handle))),
    same<Root>,
  );
}

/**
 * Packs a file or folder into a CAR file, offline.
 *
 * It is a CARv1 with one root and every block once, depth first, as written by `ipfs dag export` for the same content.
 * The file gets its name when it is complete, and memory use is constant at any size.
 *
 * @param content A file or folder, on disk or in memory.
 * @param destination The path of the CAR file, which must not exist.
 * @throws {@link LocalIoError} if the content can't be read or changes meanwhile, or the CAR can't be written.
 *
 * @example
 * ```js
 * const { cid } = await packCar("site", "site.car");
 * ```
 */
export function packCar(content: Content, destination: Path, options?: CidOptions | null): Promise<PackedCar> {
  return call(
    { operation: packCar, takes: CID, options, open },
    async ({ json, invoke }) => {
      const path = toPath("destination", destination);
      return once(toContent("content", content), (it) => invoke((...handle) => native.packCar(it, path, json, ...handle)));
    },
    same<PackedCar>,
  );
}

/**
 * Lists what an upload would send and computes its CID, offline.
 *
 * @param content A file or folder, on disk or in memory.
 * @throws {@link LocalIoError} if the content can't be read.
 * @throws {@link InvalidInputError} if it is empty, or has a name that can't be sent.
 */
export function previewUpload(content: Content, options?: PreviewOptions | null): Promise<UploadPreview> {
  return call(
    { operation: previewUpload, takes: PREVIEW, options, open },
    async ({ json, invoke }) =>
      once(toContent("content", content), (it) => invoke((...handle) => native.previewUpload(it, json, ...handle))),
    same<UploadPreview>,
  );
}

/**
 * Proves block by block that a CID names this content, whatever its layout; no account is required.
 *
 * The blocks with links are fetched from a gateway and checked against their CIDs. A hostile gateway can make the proof
 * fail, but never make it succeed.
 *
 * @param content A file or folder, on disk or in memory.
 * @param cid The CID of the content's root.
 * @throws {@link CidMismatchError} if the content differs, with the path and offset of the first difference.
 */
export function verify(content: Content, cid: string, options?: VerifyOptions | null): Promise<Proof> {
  return call(
    { operation: verify, takes: VERIFY, options, open },
    async ({ json, invoke }) => {
      const root = text("cid", cid);
      return once(toContent("content", content), (it) => invoke((...handle) => native.verify(it, root, json, ...handle)));
    },
    same<Proof>,
  );
}

function same<T>(raw: T): T {
  return raw;
}
