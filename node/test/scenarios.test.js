// Runs every scenario of the contract, and reports what ran and what the package has.
const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const { lstatSync, openAsBlob, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { dirname, join } = require("node:path");
const { text } = require("node:stream/consumers");
const { after, before, test } = require("node:test");
const { inspect } = require("node:util");

const w3pin = require("w3pin");
const { surface } = require("./surface.js");

const root = join(__dirname, "..", "..");
const contract = join(root, "crates", "contract", "scenarios");
const scenarios = readdirSync(contract)
  .sort()
  .flatMap((name) => JSON.parse(readFileSync(join(contract, name), "utf8")).scenarios);

let server;
let url;
const ran = [];

before(async () => {
  const programs = process.env.W3PIN_PROGRAMS;
  const build = ["run", "--quiet", "-p", "w3pin-contract", "--bin", "w3pin-scenarios"];
  server = spawn(programs ? join(programs, "w3pin-scenarios") : "cargo", programs ? [] : build, {
    cwd: root,
    stdio: ["pipe", "pipe", "inherit"],
  });
  url = String((await once(server.stdout, "data"))[0]).trim();
});

after(() => {
  server.stdin.end();
  const folder = join(root, "target", "parity");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "node.json"), JSON.stringify({ surface: surface(), ran: ran.sort(), skipped: {} }, null, 2));
});

for (const scenario of scenarios) {
  test(scenario.id, async () => {
    const folder = mkdtempSync(join(tmpdir(), "w3pin-"));
    const outside = mkdtempSync(join(tmpdir(), "w3pin-"));
    const before = { ...process.env };
    try {
      writeFiles(folder, scenario.files ?? {});
      const begun = await (await fetch(`${url}/runs`, { method: "POST", body: scenario.id })).json();
      const { environment = {}, config } = scenario.client ?? {};
      for (const [name, value] of Object.entries(environment)) {
        process.env[name] = value.replace("{endpoint}", begun.endpoint);
      }
      if (config !== undefined) {
        process.env.W3PIN_CONFIG = join(outside, "config.toml");
        writeFileSync(process.env.W3PIN_CONFIG, config.replace("{endpoint}", begun.endpoint), { mode: 0o600 });
      }
      const told = [];
      const outcome = await outcomeOf(scenario, folder, begun.endpoint, told);
      judge(scenario, outcome);
      if (scenario.options?.progress) {
        assert.ok(told.length > 0, "progress is told");
        for (let i = 1; i < told.length; i++) {
          assert.ok(told[i].bytesSent >= told[i - 1].bytesSent, "it rises");
        }
        assert.equal(told.at(-1).bytesSent, told.at(-1).bytesTotal, "it ends with all bytes");
      }
      const report = await (await fetch(`${url}/runs/${begun.run}`)).json();
      assert.deepEqual(report.problems, []);
      ran.push(scenario.id);
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
      rmSync(folder, { recursive: true });
      rmSync(outside, { recursive: true });
    }
  });
}

async function outcomeOf(scenario, folder, endpoint, told) {
  try {
    return { result: plain((await run(scenario, folder, endpoint, told)) ?? null) };
  } catch (error) {
    return { error };
  }
}

const READS = ["resolve", "read", "stream", "open", "list", "fetch"];

async function run({ operation, client: settings = {}, arguments: given = {}, options = {} }, folder, endpoint, told) {
  if (READS.includes(operation)) return readBack(operation, settings, given, options, folder, endpoint);
  const client = new w3pin.Client(clientOptions(settings, endpoint));
  const values = Object.entries(given).map(([name, value]) => argument(operation, name, value, folder));
  const own = optionsOf(options, endpoint, told);
  switch (operation) {
    case "prepare_upload":
      return client.finishUpload(...(await sent(await client.prepareUpload(...values, own))));
    case "finish_upload": {
      const [content, status, response] = values;
      const upload = await client.prepareUpload(content, join(folder, "body"), own);
      return client.finishUpload(upload, status, response);
    }
    case "pins":
      return client.pins(own).toArray();
    case "wait_until_pinned":
      return client.waitUntilPinned(...values, { deadlineMs: 10000, firstDelayMs: 1, maxDelayMs: 5, ...own });
    default: {
      const name = camel(operation);
      const answer = w3pin[name] ? w3pin[name](...values, own) : client[name](...values, own);
      return Symbol.asyncIterator in answer ? inOrder(answer) : answer;
    }
  }
}

async function readBack(operation, { gateways = ["{gateway}"], ...settings }, { path, destination }, options, folder, endpoint) {
  const gateway = endpoint.replace(/\/api\/pinning$/, "");
  const { credentials, endpoint: _, ...own } = clientOptions(settings, endpoint);
  const retriever = new w3pin.Retriever({ ...own, gateways: gateways.map((it) => it.replace("{gateway}", gateway)), environment: false });
  const told = [];
  const given = optionsOf(options, endpoint, told);
  switch (operation) {
    case "read":
      return { bytes: (await retriever.read(path, given)).toString() };
    case "stream":
      return { bytes: await text(retriever.stream(path, given)) };
    case "open": {
      const file = await retriever.open(path, given);
      return { size: file.size, bytes: await file.text() };
    }
    case "list": {
      const entries = [];
      for await (const entry of retriever.list(path, given)) entries.push(entry);
      return entries;
    }
    case "fetch": {
      const fetched = await retriever.fetch(path, join(folder, destination), given);
      assert.equal(told.length > 0, "onProgress" in given, "progress is told");
      if (told.length > 0) assert.deepEqual([told.at(-1).bytes, told.at(-1).files], [fetched.bytes, fetched.files]);
      return { ...fetched, disk: onDisk(join(folder, destination)) };
    }
    default:
      return retriever[operation](path, given);
  }
}

/** The files written, by their path below the destination; that of the destination itself is empty. */
function onDisk(path, name = "") {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return { [name]: `-> ${readlinkSync(path)}` };
  if (stat.isFile()) return { [name]: readFileSync(path, "utf8") };
  const below = (own) => Object.entries(onDisk(join(path, own), name ? `${name}/${own}` : own));
  return Object.fromEntries(readdirSync(path).flatMap(below));
}

/** The results in the order of the items, though they are produced out of order. */
async function inOrder(batch) {
  const results = [];
  for await (const { index, ...outcome } of batch) results[index] = outcome;
  return results;
}

/** Serializes a prepared upload, and sends it with `fetch`. */
async function sent(upload) {
  const kept = JSON.stringify(upload);
  assert.ok(!(kept + inspect(upload)).includes("CONTRACT-"), "no key is kept or shown");
  const { method, url, headers, body } = upload;
  const response = await fetch(url, { method, headers, body: await openAsBlob(body) });
  return [w3pin.PreparedUpload.fromJSON(kept), response.status, await response.arrayBuffer()];
}

function clientOptions(settings, endpoint) {
  const { left_open, api_key, attempts, environment, config, ...own } = settings;
  const credentials = { apiKey: "CONTRACT-KEY", secretKey: "CONTRACT-SECRET" };
  const usual = { ...(!settings.token && { credentials }), endpoint };
  return {
    ...(!left_open && usual),
    ...(api_key && { credentials: { ...(!left_open && usual.credentials), apiKey: api_key } }),
    retry: { baseDelayMs: 1, maxDelayMs: 5, ...(attempts && { attempts }) },
    ...optionsOf(own, endpoint),
  };
}

function argument(operation, name, value, folder) {
  // A path that is empty on purpose isn't joined.
  const path = (it) => (it === "" ? "" : join(folder, it));
  const item = (it) => {
    if (!operation.startsWith("pin_files")) return it;
    return typeof it === "string" ? path(it) : { ...it, path: path(it.path) };
  };
  switch (name) {
    case "path":
    case "destination":
    case "body":
      return path(value);
    case "folder":
    case "content":
    case "upload":
      if (value.bytes !== undefined) return Buffer.from(content(value.bytes));
      if (value.files) return new Map(Object.entries(value.files).map(([key, it]) => [key, Buffer.from(content(it))]));
      return path(value.path ?? value);
    case "bytes":
    case "response":
      return Buffer.from(content(value));
    case "stream":
      return value.map((part) => Buffer.from(part));
    case "items":
      return value.map(item);
    default:
      return value;
  }
}

const TIMES = ["timeout", "deadline", "first_delay", "max_delay", "idle_timeout", "call_timeout"];

function optionsOf(options, endpoint, told) {
  const all = {};
  for (const [name, value] of Object.entries(options)) {
    if (name === "progress" || name === "on_progress") {
      all.onProgress = (progress) => told.push(progress);
    } else if (name === "gateway") {
      all.gateway = value.replace("{gateway}", endpoint.replace(/\/api\/pinning$/, ""));
    } else if (name === "check_gateways") {
      all.checkGateways = value.map((it) => it.replace("{gateway}", endpoint.replace(/\/api\/pinning$/, "")));
    } else if (name === "retry") {
      all.retry = { ...value, baseDelayMs: 1, maxDelayMs: 5 };
    } else {
      all[TIMES.includes(name) ? `${camel(name)}Ms` : camel(name)] = value;
    }
  }
  return all;
}

function judge(scenario, { result, error }) {
  const expected = scenario.expect.error;
  if (!expected) {
    if (error) throw error;
    match(scenario.expect.result, result, "result");
    return;
  }
  assert.ok(error, `it succeeded with ${JSON.stringify(result)}`);
  const { says, ...fields } = expected;
  match(fields, described(error), "error");
  if (says) assert.ok(error.message.includes(says), `${error.message} doesn't hold ${says}`);
  if (error.code === undefined) throw error;
  assert.ok(error.stack.includes("scenarios.test.js"), "the stack leads to the caller");
}

function described(error) {
  return {
    kind: error.code,
    status: error.status,
    field: snake(error.field),
    path: error.path,
    service_message: error.serviceMessage,
    body_excerpt: error.bodyExcerpt,
    retry_after: error.retryAfterMs,
    retryable: error.isRetryable,
    expected_cid: error.expectedCid,
    returned_cid: error.returnedCid,
  };
}

function match(expected, found, at) {
  if (typeof expected === "string" && expected.startsWith("{contains:")) {
    const part = expected.slice("{contains:".length, -1);
    assert.ok(String(found).includes(part), `${at}: ${found} doesn't hold ${part}`);
  } else if (Array.isArray(expected)) {
    assert.equal(found?.length, expected.length, at);
    expected.forEach((it, i) => match(it, found[i], `${at}[${i}]`));
  } else if (expected !== null && typeof expected === "object") {
    for (const [key, value] of Object.entries(expected)) match(value, found?.[key] ?? null, `${at}.${key}`);
  } else if (/\.date_(un)?pinned$/.test(at) && expected !== null) {
    assert.equal(new Date(found).getTime(), new Date(expected).getTime(), at);
  } else {
    assert.deepEqual(found, expected, at);
  }
}

/** A result in the contract's format: names in snake case, errors as objects. */
function plain(value) {
  if (value instanceof w3pin.PinningError) return described(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value ?? null;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [snake(key), ["keyvalues", "disk"].includes(key) ? inner : plain(inner)]),
  );
}

function snake(name) {
  return name?.replace(/[A-Z]/g, (it) => `_${it.toLowerCase()}`);
}

function camel(name) {
  return name.replace(/_([a-z])/g, (_, it) => it.toUpperCase());
}

function content(given) {
  if (given.hex !== undefined) return Buffer.from(given.hex, "hex");
  return typeof given === "string" ? given : given.repeat.repeat(given.times);
}

function writeFiles(folder, files) {
  for (const [name, given] of Object.entries(files)) {
    const path = join(folder, name);
    if (name.endsWith("/")) {
      mkdirSync(path, { recursive: true });
      continue;
    }
    mkdirSync(dirname(path), { recursive: true });
    if (given.link_to) symlinkSync(given.link_to, path);
    else writeFileSync(path, content(given));
  }
}
