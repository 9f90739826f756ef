// The package's surface, read from its declarations by the TypeScript compiler's own words.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const dist = join(__dirname, "..", "dist");
const read = (name) => readFileSync(join(dist, `${name}.d.ts`), "utf8").replace(/\/\*\*[\s\S]*?\*\//g, "");

/** What stands between a head and its closing brace. */
function body(text, head) {
  const start = text.search(head);
  if (start < 0) throw new Error(`there is no ${head}`);
  const open = text.indexOf("{", start);
  let depth = 1;
  let end = open + 1;
  for (; depth > 0; end++) depth += { "{": 1, "}": -1 }[text[end]] ?? 0;
  return { head: text.slice(start, open), inner: text.slice(open + 1, end - 1) };
}

/** The names of an interface's fields, those it inherits too. */
function fields(text, name) {
  const { head, inner } = body(text, new RegExp(`(interface|class) ${name}\\b`));
  const own = [...inner.matchAll(/^ {4}(?:readonly )?(\w+)\??:/gm)].map((it) => it[1]);
  const above = /extends (\w+)/.exec(head)?.[1];
  return above && above !== "Error" ? [...fields(text, above), ...own] : own;
}

const NAMES = {
  onProgress: "progress",
  timeoutMs: "timeout",
  deadlineMs: "deadline",
  firstDelayMs: "firstDelay",
  maxDelayMs: "maxDelay",
  connectTimeoutMs: "connectTimeout",
  idleTimeoutMs: "idleTimeout",
  callTimeoutMs: "callTimeout",
  retryAfterMs: "retryAfter",
  code: "kind",
};
const rename = (name) => NAMES[name] ?? name;

/** What only JavaScript has: its own way to stop a call, and a limit on calls that have none elsewhere. */
const OWN = { signal: true, insecureHttp: true };

exports.surface = function surface() {
  const types = read("types");
  const client = read("client");
  const operations = {};
  const takes = (parameters, limited) => {
    const names = [];
    for (const [, name, type] of parameters.matchAll(/(\w+)\??: ([^,]+(?:<[^>]*>)?[^,]*)/g)) {
      if (name !== "options") names.push(name);
      else {
        for (const set of type.matchAll(/\b(\w+Options)\b/g)) {
          names.push(...fields(types, set[1]).filter((it) => limited || it !== "timeoutMs"));
        }
      }
    }
    return [...new Set(names.filter((it) => !OWN[it]).map(rename))];
  };
  const methods = body(client, /class Client\b/).inner;
  for (const [, name, parameters] of methods.matchAll(/^ {4}(\w+)\((.*)\): (?:Promise|Pins)/gm)) {
    const limited = /PinOptions|PinFolderOptions|PinByCidOptions/.test(parameters);
    operations[name] = takes(parameters, limited);
  }
  const compute = /function computeCid\((.*)\)/.exec(client)[1];
  operations.computeCid = takes(compute, false);
  const errors = read("errors");
  const kinds = [...errors.match(/type ErrorCode = ([^;]*);/)[1].matchAll(/"(\w+)"/g)].map((it) => it[1]);
  const type = (name) => fields(types, name);
  return {
    operations,
    client: fields(types, "ClientOptions").filter((it) => !OWN[it]).map(rename),
    types: Object.fromEntries(
      ["Pin", "Page", "Totals", "Verification", "Progress", "Root", "Proof"].map((name) => [name, type(name)]),
    ),
    error_kinds: kinds,
    error_fields: fields(errors, "ErrorFields").map(rename),
  };
};
