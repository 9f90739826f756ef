// Every argument of every operation, with what it can't be: the error names it, and nothing is sent.
const assert = require("node:assert/strict");
const { mkdirSync, mkdtempSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { before, test } = require("node:test");

const { Client, Pin, PreparedUpload, Retriever, computeCid, packCar, previewUpload, verify } = require("w3pin");
const { surface } = require("./surface.js");

const { operations, client: settings } = surface();
const FREE = { computeCid, packCar, previewUpload, verify };
const READS = ["resolve", "read", "stream", "open", "list", "fetch"];
const CID = "bafkqaaa";
const MISSING = "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am";
const HALF = "\ud800";
const folder = mkdtempSync(join(tmpdir(), "w3pin-"));
const kept = { method: "POST", url: "http://127.0.0.1:1/", body: "body", content_length: 1, cid: CID, upload: {} };
// Nobody listens there.
const offline = { endpoint: "http://127.0.0.1:1", retry: { attempts: 1 }, environment: false };
const client = new Client({ ...offline, credentials: { apiKey: "key", secretKey: "secret" } });
const nowhere = { gateways: ["http://127.0.0.1:1"], retry: { attempts: 1 }, environment: false };
const retriever = new Retriever(nowhere);

/** Valid values of each argument. */
const GOOD = {
  path: "report.txt",
  folder: "site",
  bytes: Buffer.from("hello"),
  value: { a: 1 },
  stream: [Buffer.from("hello")],
  cid: CID,
  id: "x",
  ids: ["x"],
  content: "site",
  body: "new-body",
  upload: undefined,
  status: 201,
  response: Buffer.alloc(0),
  destination: "fetched",
};
before(async () => {
  process.chdir(folder);
  writeFileSync("report.txt", "hello");
  mkdirSync("site");
  writeFileSync("site/index.html", "hello");
  await packCar("site", "site.car");
  GOOD.upload = await client.prepareUpload("site", "kept-body");
});

/** Whether what an operation takes is an argument, and no option. */
const isArgument = (operation, name) => name in GOOD || name === "items" || (operation === "syncFolder" && name === "name");

/** What an argument of an operation can be. */
function goodOf(operation, name) {
  if (name === "name") return "example.org";
  if (operation === "pinCar" && name === "path") return "site.car";
  if (name === "items") return [operation.startsWith("pinFiles") ? "report.txt" : CID];
  return name === "path" && READS.includes(operation) ? MISSING : GOOD[name];
}

async function* later() {
  yield "a.txt";
}
class Own {}
const bytes = Buffer.from("a");
const NO_TEXT = [7, true, bytes, ["text"], {}, new URL("file:///a"), Symbol("a"), HALF];
const NO_COUNT = [true, "1", 1n, 1.5, NaN, Infinity, -1, [], 2 ** 64];
const NO_TIME = [true, "5", NaN, Infinity, -1, 1e300, []];
const NO_SOME = ["a", bytes, bytes.buffer, new URL("file:///a"), new Map([["a", "b"]]), { a: "b" }, 7, later(), [7], [null], [bytes]];
const NO_PAIRS = ["a", 7, [["a", "b"]], { a: 1 }, { a: null }, new Map([[1, "a"]]), new Set(["a"]), new URLSearchParams("a=b"), new Own(), { [HALF]: "a" }];
const NO_CONTENT = [null, undefined, 7, true, ["site"], { a: "text" }, { a: null }, new Map([[1, bytes]]), new Own(), ""];
const word = [...NO_TEXT, "maybe", ""];

/** Invalid values, by declared type. */
const BAD = {
  "Path": [null, undefined, 7, bytes, ["report.txt"], {}, "", HALF, new URL("https://example.com/a.txt")],
  "Folder": [...NO_CONTENT, {}, bytes, { "../a": bytes }, { "": bytes }],
  "Content": NO_CONTENT,
  "Bytes": [null, undefined, "text", 7, [104], {}, new Blob(["a"])],
  "Stream": [null, undefined, "a", bytes, 7, {}, [7], ["a"], new Map([["a", bytes]]), new Response("a")],
  "Collection<FileItem | Path>": [...NO_SOME, null, undefined, [{ path: 7 }], [{ path: "a", nmae: "n" }]],
  "Collection<string | CidItem>": [...NO_SOME, null, undefined, [{ cid: CID, name: 7 }]],
  "PreparedUpload": [null, undefined, "{}", {}, 7, kept, PreparedUpload.fromJSON(kept)],
  "KeyValues": NO_PAIRS,
  "boolean": [1, 0, "yes", [], {}],
  "RetryPolicy": [3, "never", [], { attempts: true }, { attempts: -1 }, { attempts: 0 }, { attemps: 3 }, { baseDelayMs: NaN }],
  "OnFetchProgress": [7, "print", {}, [() => {}]],
  "OnProgress": [7, "print", {}, [() => {}]],
  "RateLimit": [true, 1.5, 0, -1, NaN, "none", []],
  "string | Bytes": [7, [104], {}, "no certificate"],
  "Credentials": ["key", [], { apiKey: 7 }, { api_key: "a", secretKey: "b" }],
  "Profile": word,
  "Verify": word,
  "Symlinks": word,
  "Pinned": word,
  "SortBy": word,
  "SortOrder": word,
  "SymlinkPolicy": word,
};
const TIMES = /^(timeout|deadline|budget|.*(Timeout|Delay))$/;

function badOf(name, type, isArgument) {
  if (type === "string") return isArgument ? [...NO_TEXT, null, undefined, ""] : NO_TEXT;
  if (type === "Collection<string>") return name === "ids" ? [...NO_SOME, null, undefined, [{ id: "x" }]] : NO_SOME;
  if (type === "number") return TIMES.test(name) ? NO_TIME : isArgument ? [...NO_COUNT, null, undefined, 7] : NO_COUNT;
  return BAD[type] ?? [];
}

const spelled = (name) => (name === "progress" ? "onProgress" : TIMES.test(name) ? `${name}Ms` : name);
const show = (value) => (typeof value === "symbol" ? String(value) : require("node:util").inspect(value));

/** The error of a call, of its one item, or of the first piece of its stream. */
async function errorOf(operation, values, options) {
  const of = READS.includes(operation) ? retriever : client;
  try {
    const answer = FREE[operation] ? FREE[operation](...values, options) : of[operation](...values, options);
    const iterator = answer[Symbol.asyncIterator]?.();
    const given = iterator ? (await iterator.next()).value : await answer;
    return (Array.isArray(given) ? given[0] : given)?.error;
  } catch (error) {
    return error;
  }
}

for (const [operation, { takes }] of Object.entries(operations)) {
  test(`${operation} refuses what can't be used by name`, async () => {
    const problems = [];
    const names = Object.keys(takes).filter((name) => isArgument(operation, name));
    const good = names.map((name) => goodOf(operation, name));
    for (const [name, { type }] of Object.entries(takes)) {
      const at = names.indexOf(name);
      const bad = badOf(name, type, at >= 0);
      if (bad.length === 0 && type !== "unknown") problems.push(`${name} has no case for ${type}`);
      for (const value of bad) {
        const error = await errorOf(operation, at < 0 ? good : good.with(at, value), at < 0 ? { [spelled(name)]: value } : {});
        const isNamed = [error?.field, error?.message].some((it) => it?.includes(spelled(name).replace(/s$/, "")));
        const isRefused = error?.code === "invalid_input" || error?.code === "local_io";
        if (!isRefused || !(isNamed || error.path !== undefined || /path|empty|CID|folder|piece|attempts/.test(error.message))) {
          problems.push(`${name}: ${show(value)}: ${error?.code} ${error?.field} ${error}`);
        }
      }
    }
    const controller = await errorOf(operation, good, { signal: new AbortController() });
    if (!/signal takes an AbortSignal, not an AbortController: give controller\.signal$/.test(controller?.message)) problems.push(`signal: ${controller}`);
    for (const [options, says] of [
      [{ colour: "red" }, /takes no option "colour"/],
      ["name", /options takes an object, not a string/],
      [["name"], /options takes an object/],
      [new Map(), /options takes an object/],
    ]) {
      const error = await errorOf(operation, good, options);
      if (!says.test(error?.message)) problems.push(`options: ${show(options)}: ${error}`);
    }
    assert.deepEqual(problems, []);
  });

  test(`${operation} takes null for options that aren't set`, async () => {
    const names = Object.keys(takes).filter((name) => isArgument(operation, name));
    const good = names.map((name) => goodOf(operation, name));
    const unset = Object.keys(takes).filter((name) => !names.includes(name)).map((name) => [spelled(name), null]);
    const wrong = new Client({ ...offline, environment: null, credentials: { apiKey: "key", secretKey: "secret" } });
    wrong.close();
    for (const options of [null, undefined, Object.fromEntries(unset)]) {
      const error = await errorOf(operation, good.map((it, i) => (names[i] === "body" ? `${operation}-${Math.random()}` : it)), options);
      assert.ok(error?.code !== "invalid_input" || error.field === "cid", String(error));
    }
  });
}

for (const [name, { type }] of Object.entries(settings)) {
  test(`the setting ${name} is refused by name`, () => {
    const bad = badOf(name, type, false);
    assert.ok(bad.length > 0);
    const harmless = ["proxy", "userAgent", "endpoint"].includes(name) ? [""] : [];
    for (const value of bad.filter((it) => !harmless.includes(it))) {
      const credentials = { apiKey: "key", secretKey: "secret" };
      const error = (() => {
        try {
          new Client({ ...offline, credentials, [spelled(name)]: value });
        } catch (error) {
          return error;
        }
      })();
      assert.equal(error?.code, "invalid_input", `${show(value)}: ${error}`);
      const known = [error.field, error.message].some((it) => it?.includes(spelled(name).replace(/s$/, "")));
      assert.ok(known || name === "retry" || name === "credentials", `${show(value)}: ${error}`);
    }
  });
}

for (const [name, { type }] of Object.entries(settings)) {
  test(`a retriever's setting ${name} is refused by name`, () => {
    const known = !["credentials", "token", "api", "endpoint", "insecureHttp", "profile", "rateLimit"].includes(name);
    const harmless = ["proxy", "userAgent"].includes(name) ? [""] : [];
    for (const value of known ? badOf(name, type, false).filter((it) => !harmless.includes(it)) : ["any"]) {
      const settings = { ...nowhere, [spelled(name)]: value };
      assert.throws(() => new Retriever(settings), (error) => error.code === "invalid_input", show(value));
    }
    if (known) new Retriever({ ...nowhere, [spelled(name)]: null }).close();
    else assert.throws(() => new Retriever({ [name]: "any" }), { field: name, message: /^Retriever\(\) takes no option / });
  });
}

test("the settings of a retriever are an object", () => {
  for (const value of ["https://ipfs.io", 7, true, ["https://ipfs.io"], new Map(), () => {}, Symbol("a"), 5n]) {
    assert.throws(() => new Retriever(value), { code: "invalid_input", message: /^options takes an object, not / });
  }
  for (const gateways of [[""], ["nope"], ["ftp://a"], ["https://u:p@a"]]) {
    assert.throws(() => new Retriever({ gateways, environment: false }), { code: "invalid_input" }, String(gateways));
  }
});

test("a misspelled option is told its name", async () => {
  for (const [options, name] of [
    [{ skip_if_pinned: true }, "skipIfPinned"],
    [{ timeout: 5 }, "timeoutMs"],
    [{ progress() {} }, "onProgress"],
  ]) {
    await assert.rejects(client.pinFile("report.txt", options), { message: new RegExp(`it is called ${name}$`) });
  }
});

test("what was kept of a prepared upload is refused where it is none", () => {
  for (const [field, wrong] of Object.entries({
    method: [1, null, undefined],
    url: [2, null, undefined],
    body: [3, null, undefined],
    content_length: ["1", -1, 1.5, NaN, null, undefined],
    cid: [4, null, undefined],
    upload: ["{}", null, undefined],
  })) {
    for (const value of wrong) {
      const refusal = { code: "invalid_input", field: "kept", message: new RegExp(`^this isn't a prepared upload: its ${field} `) };
      const found = { ...kept, [field]: value };
      assert.throws(() => PreparedUpload.fromJSON(found), refusal);
      assert.throws(() => PreparedUpload.fromJSON(JSON.stringify(found)), refusal);
    }
  }
  for (const value of ["null", "7", "oops", undefined, null, 7]) {
    assert.throws(() => PreparedUpload.fromJSON(value), { code: "invalid_input", field: "kept" });
  }
});

test("a pin of what is none is refused", () => {
  for (const fields of [null, undefined, 7, "text", ["x"], new Map(), Promise.resolve({})]) {
    const message = /^fields takes an object with the fields of a pin, not /;
    assert.throws(() => new Pin(fields), { code: "invalid_input", field: "fields", message });
  }
  for (const cid of ["zz", "", HALF, 7, null, undefined]) {
    const pin = new Pin({ id: "x", cid });
    for (const url of [() => pin.ipfsUrl, () => pin.gatewayUrl("https://ipfs.io")]) {
      assert.throws(url, (error) => error.code === "invalid_input" && error.field === "cid" && !error.message.startsWith("{"));
    }
  }
});

test("what to give instead comes last", async () => {
  const pin = new Pin({ id: "x", cid: CID });
  for (const [call, message] of [
    [() => client.pinFiles("a.txt"), "items takes an array or other iterable of paths, not a string: put a single one in an array"],
    [() => client.pinFiles(later()), /^items takes .* of paths, not an object: gather it first, as by Array\.fromAsync\(\)$/],
    [() => client.unpinMany([pin]), "ids[0] takes the id of a pin, not a Pin: give its id, as in pin.id"],
    [() => client.pinBytes("a"), /^bytes takes .*, not a string: encode it, as by Buffer\.from\(text\)$/],
    [() => client.pinBytes(bytes, { keyvalues: { a: 1 } }), 'keyvalues["a"] takes a string, not a number: convert it by String()'],
    [() => client.pinFolder([bytes]), /^folder\[0\] takes a File, not a Buffer: give other files by their paths/],
    [() => client.pinStream(new Response("a")), /^stream takes .*, not a Response: give its body$/],
    [() => client.finishUpload("{}", 201, bytes), /^upload takes a PreparedUpload, not a string: PreparedUpload\.fromJSON makes one/],
  ]) {
    await assert.rejects(call(), { code: "invalid_input", message });
  }
});

test("a bad key is refused and not shown", () => {
  for (const key of [7, bytes, "", "two words", "a\nb", HALF, "schlüssel"]) {
    for (const credentials of [{ apiKey: key, secretKey: "secret" }, { apiKey: "key", secretKey: key }]) {
      assert.throws(() => new Client({ ...offline, credentials }), (error) => {
        return error.code === "invalid_input" && /key/i.test(error.message) && !error.message.includes("two words");
      });
    }
  }
});
