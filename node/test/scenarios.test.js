// Runs every scenario of the contract, and writes down what ran and what the package has.
const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { dirname, join } = require("node:path");
const { after, before, test } = require("node:test");

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
  server = spawn("cargo", ["run", "--quiet", "-p", "w3pin-contract", "--bin", "w3pin-scenarios"], {
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
    try {
      writeFiles(folder, scenario.files ?? {});
      const begun = await (await fetch(`${url}/runs`, { method: "POST", body: scenario.id })).json();
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
      rmSync(folder, { recursive: true });
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

function run(scenario, folder, endpoint, told) {
  const settings = scenario.client ?? {};
  const client = new w3pin.Client({
    credentials: { apiKey: settings.api_key ?? "CONTRACT-KEY", secretKey: "CONTRACT-SECRET" },
    endpoint: settings.endpoint ?? endpoint,
    retry: { baseDelayMs: 1, maxDelayMs: 5, ...(settings.attempts && { attempts: settings.attempts }) },
    ...(settings.profile && { profile: settings.profile }),
    ...(settings.idle_timeout && { idleTimeoutMs: settings.idle_timeout }),
    ...(settings.call_timeout && { callTimeoutMs: settings.call_timeout }),
  });
  const given = scenario.arguments ?? {};
  const options = optionsOf(scenario.options ?? {}, endpoint, told);
  const path = () => join(folder, given.path);
  switch (scenario.operation) {
    case "pin_file":
      return client.pinFile(path(), options);
    case "pin_folder":
      return client.pinFolder(path(), options);
    case "pin_path":
      return client.pinPath(path(), options);
    case "pin_bytes":
      return client.pinBytes(Buffer.from(content(given.bytes)), options);
    case "pin_json":
      return client.pinJson(given.value, options);
    case "pin_stream":
      return client.pinStream(
        given.stream.map((part) => Buffer.from(part)),
        options,
      );
    case "pin_by_cid":
      return client.pinByCid(given.cid, options);
    case "get_pin":
      return client.getPin(given.id);
    case "list_pins":
      return client.listPins(options);
    case "pins":
      return client.pins(options).toArray();
    case "unpin":
      return client.unpin(given.id);
    case "wait_until_pinned":
      return client.waitUntilPinned(given.id, { deadlineMs: 10000, firstDelayMs: 1, maxDelayMs: 5, ...options });
    case "check_credentials":
      return client.checkCredentials();
    case "pin_files":
      return client.pinFiles(
        given.paths.map((it) => join(folder, it)),
        { ...options, concurrency: given.concurrency },
      );
    case "pin_cids":
      return client.pinCids(given.cids, { ...options, concurrency: given.concurrency });
    case "unpin_many":
      return client.unpinMany(given.ids, { concurrency: given.concurrency });
    case "compute_cid":
      return w3pin.computeCid(path(), options);
    case "verify": {
      const what = given.content.path ? join(folder, given.content.path) : Buffer.from(given.content.bytes);
      return client.verify(what, given.cid, options);
    }
    default:
      throw new assert.AssertionError({ message: `${scenario.operation} isn't known` });
  }
}

const TIMES = { timeout: "timeoutMs", deadline: "deadlineMs", first_delay: "firstDelayMs", max_delay: "maxDelayMs" };

function optionsOf(options, endpoint, told) {
  const all = {};
  for (const [name, value] of Object.entries(options)) {
    if (name === "progress") {
      all.onProgress = (progress) => told.push(progress);
    } else if (name === "gateway") {
      all.gateway = value.replace("{gateway}", endpoint.replace(/\/api\/pinning$/, ""));
    } else {
      all[TIMES[name] ?? camel(name)] = value;
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
    field: error.field,
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

/** A result as the contract writes it: names in snake case, errors described. */
function plain(value) {
  if (value instanceof w3pin.PinningError) return described(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value ?? null;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.replace(/[A-Z]/g, (it) => `_${it.toLowerCase()}`), key === "keyvalues" ? inner : plain(inner)]),
  );
}

function camel(name) {
  return name.replace(/_([a-z])/g, (_, it) => it.toUpperCase());
}

function content(given) {
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
