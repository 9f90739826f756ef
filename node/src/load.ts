import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** @internal The native module of this platform. */
export function load(): unknown {
  const path = process.env["W3PIN_NATIVE_MODULE"];
  return path ? open(resolve(path)) : installed(`${process.platform}-${process.arch}${toolchain()}`);
}

/** A module that was built for a platform that has no package. Bundlers can't follow it, and mustn't. */
function open(path: string): unknown {
  const module = { exports: {} };
  try {
    process.dlopen(module, path);
  } catch (cause) {
    throw new Error(`w3pin can't load the native module that W3PIN_NATIVE_MODULE names. ${messageOf(cause)}`, { cause });
  }
  return module.exports;
}

/** What a platform's package adds to its name: the C library on Linux, the toolchain on Windows. */
function toolchain(): string {
  switch (process.platform) {
    case "linux":
      return usesMusl() ? "-musl" : "-gnu";
    case "win32":
      return "-msvc";
    default:
      return "";
  }
}

/** Whether musl is mapped into this process, under either name of its one file; glibc's files end in a version. */
function usesMusl(): boolean {
  try {
    return /\/(ld-musl-[^/]+|libc\.so)$/m.test(readFileSync("/proc/self/maps", "latin1"));
  } catch {
    return false;
  }
}

function installed(platform: string): unknown {
  try {
    // Every name is written out, so that bundlers and file tracers see it, and inside this `try`, so that bundlers take
    // the packages of other platforms for optional.
    switch (platform) {
      case "linux-x64-gnu":
        return require("@w3pin/native-linux-x64-gnu");
      case "linux-x64-musl":
        return require("@w3pin/native-linux-x64-musl");
      case "linux-arm64-gnu":
        return require("@w3pin/native-linux-arm64-gnu");
      case "linux-arm64-musl":
        return require("@w3pin/native-linux-arm64-musl");
      case "darwin-x64":
        return require("@w3pin/native-darwin-x64");
      case "darwin-arm64":
        return require("@w3pin/native-darwin-arm64");
      case "win32-x64-msvc":
        return require("@w3pin/native-win32-x64-msvc");
      case "win32-arm64-msvc":
        return require("@w3pin/native-win32-arm64-msvc");
    }
  } catch (cause) {
    throw new Error(explain(`@w3pin/native-${platform}`, cause), { cause });
  }
  throw new Error(
    `w3pin has no native module for ${platform}. There are modules for Linux (x64 and arm64, glibc and musl), macOS ` +
      `(x64 and arm64) and Windows (x64 and arm64). To build one, see "Other platforms" in w3pin's README.`,
  );
}

/** Why a package that exists wasn't loaded, and what to do. */
function explain(name: string, cause: unknown): string {
  const said = messageOf(cause);
  const { code } = (cause ?? {}) as { code?: unknown };
  // A package without its module isn't found either, but then it is the module's path that the message names.
  if (code === "MODULE_NOT_FOUND" && said.includes(`'${name}'`)) {
    return (
      `${name}, which holds w3pin's native module for this platform, isn't installed. Install optional dependencies ` +
      `(npm install --include=optional). If node_modules or the lockfile was made on another platform, delete it and ` +
      `install again. In a bundle, mark w3pin as external.`
    );
  }
  const glibc = /GLIBC_([\d.]+)' not found/.exec(said)?.[1];
  const remedy = glibc
    ? ` It needs glibc ${glibc} or later: use a newer system, or see "Other platforms" in w3pin's README.`
    : "";
  return `${name}, which holds w3pin's native module for this platform, can't be loaded. ${said}.${remedy}`;
}

function messageOf(thrown: unknown): string {
  return String((thrown as { message?: unknown } | null)?.message ?? thrown);
}
