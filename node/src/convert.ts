import type { Page, Pin, Proof, Root, Verification } from "./types.js";

interface RawPin {
  id: string;
  cid: string;
  name: string | null;
  size: number | null;
  status: string;
  pinned: boolean;
  is_pin_by_hash: boolean;
  is_dir: boolean;
  date_pinned: string | null;
  date_unpinned: string | null;
  keyvalues: Record<string, string>;
  file_type: string | null;
  sub_hash_status: string | null;
  file_record_id: string | null;
  root_hash: string | null;
  user_id: string | null;
  already_pinned: boolean;
  verification: { result: Verification["result"]; profile: string | null; computed_cid: string | null };
}

/** @internal */
export function toPin(raw: RawPin): Pin {
  const { verification } = raw;
  return {
    id: raw.id,
    cid: raw.cid,
    name: raw.name,
    size: raw.size,
    status: raw.status,
    pinned: raw.pinned,
    isPinByHash: raw.is_pin_by_hash,
    isDir: raw.is_dir,
    datePinned: toDate(raw.date_pinned),
    dateUnpinned: toDate(raw.date_unpinned),
    keyvalues: raw.keyvalues,
    fileType: raw.file_type,
    subHashStatus: raw.sub_hash_status,
    fileRecordId: raw.file_record_id,
    rootHash: raw.root_hash,
    userId: raw.user_id,
    alreadyPinned: raw.already_pinned,
    verification: {
      result: verification.result,
      profile: verification.profile,
      computedCid: verification.computed_cid,
    },
  };
}

/** @internal */
export function toPage(raw: { pins: RawPin[]; totals: Page["totals"] }): Page {
  return { pins: raw.pins.map(toPin), totals: raw.totals };
}

/** @internal */
export function toPins(raw: RawPin[] | null): Pin[] | null {
  return raw === null ? null : raw.map(toPin);
}

/** @internal */
export function toRoot(raw: { cid: string; size: number; dag_size: number }): Root {
  return { cid: raw.cid, size: raw.size, dagSize: raw.dag_size };
}

/** @internal */
export function toProof(raw: { files: number; bytes: number; blocks_fetched: number }): Proof {
  return { files: raw.files, bytes: raw.bytes, blocksFetched: raw.blocks_fetched };
}

function toDate(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
