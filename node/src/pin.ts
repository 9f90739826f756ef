import { here } from "./call.js";
import { text, wrongType } from "./arguments.js";
import { native } from "./native.js";
import { translate } from "./translate.js";
import type { PinStatus, Verification } from "./types.js";

/** The fields of a {@link Pin}; dates may be strings. */
export type PinFields = Omit<Pin, "datePinned" | "dateUnpinned" | "ipfsUrl" | "gatewayUrl" | "toJSON"> & {
  /** When the content was pinned. */
  readonly datePinned?: Date | string;
  /** When the content was unpinned. */
  readonly dateUnpinned?: Date | string;
};

/**
 * Content that the service keeps, or is asked to keep, for the account. Fields that the service omits or fills
 * with zeros are omitted.
 *
 * @example
 * ```js
 * const kept = JSON.stringify(pin);
 * const twin = new Pin(JSON.parse(kept));
 * ```
 */
export class Pin {
  /** The pin's id. */
  declare readonly id: string;
  /** The CID of the content's root, as the service returned it. */
  declare readonly cid: string;
  /** The name shown in listings. */
  declare readonly name?: string;
  /** The size in bytes, as the service accounts for it, which isn't the file's length. */
  declare readonly size?: number;
  /** The state of the pin: PENDING, RETRIEVAL, DONE, or another value of the service. */
  declare readonly status: PinStatus;
  /** Whether the content is currently pinned. */
  declare readonly pinned: boolean;
  /** Whether the content was pinned by its CID rather than uploaded. */
  declare readonly isPinByHash: boolean;
  /** Whether the content is a folder. */
  declare readonly isDir: boolean;
  /** When the content was pinned. */
  declare readonly datePinned?: Date;
  /** When the content was unpinned. */
  declare readonly dateUnpinned?: Date;
  /** The caller's own key-values. */
  declare readonly keyvalues: Readonly<Record<string, string>>;
  /** The type of file that the service detected. */
  declare readonly fileType?: string;
  /** The state of the blocks below the root. */
  declare readonly subHashStatus?: PinStatus;
  /** The id of the service's record of the content. */
  declare readonly fileRecordId?: string;
  /** The service's own hash of the content, which isn't always that of the CID. */
  declare readonly rootHash?: string;
  /** The id of the account. */
  declare readonly userId?: string;
  /** Whether the pin existed before the call that returned it. */
  declare readonly alreadyPinned: boolean;
  /** What the call that returned the pin proved about the content. */
  declare readonly verification: Verification;

  /**
   * Creates a pin from its fields, such as those returned by {@link toJSON}.
   *
   * @throws {@link InvalidInputError} if the argument isn't an object.
   */
  constructor(fields: PinFields) {
    if (Object.prototype.toString.call(fields) !== "[object Object]") {
      throw wrongType("fields", "an object with the fields of a pin", fields);
    }
    Object.assign(this, fields);
    for (const date of ["datePinned", "dateUnpinned"] as const) {
      if (typeof fields[date] === "string") {
        Object.assign(this, { [date]: new Date(fields[date]) });
      }
    }
  }

  /**
   * The content's IPFS URL, ipfs://CID.
   *
   * @throws {@link InvalidInputError} if the pin's CID is invalid.
   */
  get ipfsUrl(): string {
    try {
      return native.ipfsUrl(text("cid", this.cid));
    } catch (thrown) {
      throw translate(thrown);
    }
  }

  /**
   * The content's URL at a gateway, for a browser.
   *
   * @throws {@link InvalidInputError} if the gateway's URL or the pin's CID is invalid.
   *
   * @example
   * ```js
   * pin.gatewayUrl("https://ipfs.io"); //
   * https://ipfs.io/ipfs/bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq
   * ```
   */
  gatewayUrl(gateway: string): string {
    try {
      return native.gatewayUrl(text("cid", this.cid), text("gateway", gateway));
    } catch (thrown) {
      throw translate(thrown, here(this.gatewayUrl));
    }
  }

  /** The fields, with dates as strings. */
  toJSON(): PinFields {
    const { datePinned, dateUnpinned, ...fields } = this as Pin;
    return {
      ...fields,
      ...(datePinned && { datePinned: datePinned.toISOString() }),
      ...(dateUnpinned && { dateUnpinned: dateUnpinned.toISOString() }),
    };
  }
}

/** @internal Pins as the native module writes them: of each field the values, null where it is absent. */
export type PinColumns = [
  id: string[],
  cid: string[],
  name: (string | null)[],
  size: (number | null)[],
  status: PinStatus[],
  pinned: boolean[],
  isPinByHash: boolean[],
  isDir: boolean[],
  datePinned: (number | null)[],
  dateUnpinned: (number | null)[],
  keyvalues: Record<string, string>[],
  fileType: (string | null)[],
  subHashStatus: (PinStatus | null)[],
  fileRecordId: (string | null)[],
  rootHash: (string | null)[],
  userId: (string | null)[],
  alreadyPinned: boolean[],
  verification: (Verification | null)[],
];

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Makes the pin of a row. A constructor that sets field by field takes a fraction of the time of copying an object. */
function Row(this: Mutable<Pin>, columns: PinColumns, row: number): void {
  let value;
  this.id = columns[0][row]!;
  this.cid = columns[1][row]!;
  if ((value = columns[2][row]) != null) this.name = value;
  if ((value = columns[3][row]) != null) this.size = value;
  this.status = columns[4][row]!;
  this.pinned = columns[5][row]!;
  this.isPinByHash = columns[6][row]!;
  this.isDir = columns[7][row]!;
  if ((value = columns[8][row]) != null) this.datePinned = new Date(value);
  if ((value = columns[9][row]) != null) this.dateUnpinned = new Date(value);
  this.keyvalues = columns[10][row]!;
  if ((value = columns[11][row]) != null) this.fileType = value;
  if ((value = columns[12][row]) != null) this.subHashStatus = value;
  if ((value = columns[13][row]) != null) this.fileRecordId = value;
  if ((value = columns[14][row]) != null) this.rootHash = value;
  if ((value = columns[15][row]) != null) this.userId = value;
  this.alreadyPinned = columns[16][row]!;
  this.verification = columns[17][row] ?? { result: "unchecked" };
}
Row.prototype = Pin.prototype;

/** @internal */
export function toPins(columns: PinColumns): Pin[] {
  const Made = Row as unknown as new (columns: PinColumns, row: number) => Pin;
  return columns[0].map((_, row) => new Made(columns, row));
}

/** @internal The only one of these. */
export function toPin(columns: PinColumns): Pin {
  return toPins(columns)[0]!;
}
