import { here } from "./call.js";
import { text, wrongType } from "./arguments.js";
import { native } from "./native.js";
import { translate } from "./translate.js";
import type { PinStatus, Verification } from "./types.js";

/** The fields of a {@link Pin}; dates may be texts. */
export type PinFields = Omit<Pin, "datePinned" | "dateUnpinned" | "ipfsUrl" | "gatewayUrl" | "toJSON"> & {
  readonly datePinned?: Date | string;
  readonly dateUnpinned?: Date | string;
};

/**
 * Content that the service keeps, or is asked to keep, for the account. What the service leaves out, or fills with
 * zeros, is left out.
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
  /** The CID of the content's root, as the service writes it. */
  declare readonly cid: string;
  /** The name that listings show. */
  declare readonly name?: string;
  /** The bytes that the service accounts for, which aren't the file's length. */
  declare readonly size?: number;
  /** How far the service is: PENDING, RETRIEVAL, DONE, or any other word of the service. */
  declare readonly status: PinStatus;
  /** Whether the content is pinned now. */
  declare readonly pinned: boolean;
  /** Whether it was pinned by its CID rather than uploaded. */
  declare readonly isPinByHash: boolean;
  /** Whether it is a folder. */
  declare readonly isDir: boolean;
  /** When it was pinned. */
  declare readonly datePinned?: Date;
  /** When it was unpinned. */
  declare readonly dateUnpinned?: Date;
  /** The caller's own key-values. */
  declare readonly keyvalues: Readonly<Record<string, string>>;
  /** What kind of file the service takes it for. */
  declare readonly fileType?: string;
  /** How far the service is with the blocks below the root. */
  declare readonly subHashStatus?: PinStatus;
  /** The service's record of the content. */
  declare readonly fileRecordId?: string;
  /** The service's own hash of the content, which isn't reliably the CID's. */
  declare readonly rootHash?: string;
  /** The account. */
  declare readonly userId?: string;
  /** Whether the pin was there before the call that returned it. */
  declare readonly alreadyPinned: boolean;
  /** What was proved of the content by the call that returned it. */
  declare readonly verification: Verification;

  /**
   * A pin of these fields, such as those that {@link toJSON} gave.
   *
   * @throws {@link InvalidInputError} where it isn't given an object.
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
   * The content's address for anything that speaks IPFS, ipfs://CID.
   *
   * @throws {@link InvalidInputError} where the pin was made of a CID that is none.
   */
  get ipfsUrl(): string {
    try {
      return native.ipfsUrl(text("cid", this.cid));
    } catch (thrown) {
      throw translate(thrown);
    }
  }

  /**
   * The content's address at a gateway, for a browser.
   *
   * @throws {@link InvalidInputError} where the gateway's URL can't be used, or the pin was made of a CID that is none.
   *
   * @example
   * ```js
   * pin.gatewayUrl("https://ipfs.io"); // https://ipfs.io/ipfs/bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq
   * ```
   */
  gatewayUrl(gateway: string): string {
    try {
      return native.gatewayUrl(text("cid", this.cid), text("gateway", gateway));
    } catch (thrown) {
      throw translate(thrown, here(this.gatewayUrl));
    }
  }

  /** The fields, with dates as texts. */
  toJSON(): PinFields {
    const { datePinned, dateUnpinned, ...fields } = this as Pin;
    return {
      ...fields,
      ...(datePinned && { datePinned: datePinned.toISOString() }),
      ...(dateUnpinned && { dateUnpinned: dateUnpinned.toISOString() }),
    };
  }
}

/** @internal */
export function toPin(fields: PinFields): Pin {
  return new Pin(fields);
}
