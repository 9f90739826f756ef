// The command behaves as the plain binary does, although it runs inside of Node.js.
const assert = require("node:assert/strict");
const { spawn, spawnSync } = require("node:child_process");
const { once } = require("node:events");
const { writeFileSync } = require("node:fs");
const { connect, createServer } = require("node:net");
const { join } = require("node:path");
const { after, before, test } = require("node:test");

const { place, printed } = require("./place.js");

const CID = "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am";
const hasTerminals = spawnSync("script", ["--version"]).status === 0;
/** Signals that don't arrive would be waited for. */
const signals = { skip: process.platform === "win32", timeout: 120_000 };
let folder;
let env;
let bin;

before(() => {
  ({ folder, env, bin } = place());
  writeFileSync(join(folder, "a.txt"), "hello\n");
});

const direct = (...args) => [process.execPath, bin, ...args];
const npx = (...args) => ["npx", "--offline", "--", "w3pin", ...args];
const inTerminal = (...args) => ["script", "--quiet", "--return", "--command", npx(...args).join(" "), "/dev/null"];

/** Runs it to its end. */
function run([program, ...args], options) {
  return spawnSync(program, args, { cwd: folder, env, encoding: "utf8", ...options });
}

/** A program in a process group of its own, as a shell starts it. */
function start([program, ...args], variables = {}) {
  const child = spawn(program, args, { cwd: folder, env: { ...env, ...variables }, detached: true });
  after(() => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended, as it should.
    }
  });
  return child;
}

/** `serve`, once it answers. */
async function serving(command) {
  const child = start(command("serve", "--listen", "127.0.0.1:0"));
  const [, port] = await printed(child.stdout, /http:\/\/127\.0\.0\.1:(\d+)/);
  await fetch(`http://127.0.0.1:${port}/`);
  return { child, port: Number(port) };
}

/** `add`, once it sends to a service that never answers. */
async function adding(command) {
  const listener = createServer((connection) => connection.on("error", () => {})).listen(0, "127.0.0.1");
  after(() => listener.close());
  await once(listener, "listening");
  const endpoint = `http://127.0.0.1:${listener.address().port}/api/pinning`;
  const child = start(command("--endpoint", endpoint, "add", "a.txt"), {
    W3PIN_API_KEY: "K",
    W3PIN_SECRET_KEY: "S",
  });
  const [connection] = await once(listener, "connection");
  await once(connection, "data");
  return { child, disconnected: once(connection, "close") };
}

/** Until nobody listens on the port any more. */
async function closed(port) {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
    } catch {
      return;
    } finally {
      socket.destroy();
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  test(`${signal} stops serve, which ends well`, signals, async () => {
    const { child, port } = await serving(direct);
    child.kill(signal);
    assert.deepEqual(await once(child, "exit"), [0, null]);
    await closed(port);
  });

  test(`${signal} stops an upload`, signals, async () => {
    const { child, disconnected } = await adding(direct);
    child.kill(signal);
    assert.deepEqual(await once(child, "exit"), [signal === "SIGINT" ? 130 : 143, null]);
    await disconnected;
  });

  test(`${signal} to all of npx stops serve and uploads`, signals, async () => {
    const { child, port } = await serving(npx);
    process.kill(-child.pid, signal);
    await closed(port);
    const { child: adder, disconnected } = await adding(npx);
    process.kill(-adder.pid, signal);
    await disconnected;
  });
}

test("SIGTERM to npx alone stops serve and uploads", signals, async () => {
  const { child, port } = await serving(npx);
  child.kill("SIGTERM");
  await closed(port);
  const { child: adder, disconnected } = await adding(npx);
  adder.kill("SIGTERM");
  await disconnected;
});

test("Ctrl-C in a terminal stops serve and uploads", { ...signals, skip: !hasTerminals }, async () => {
  const { child, port } = await serving(inTerminal);
  child.stdin.write("\x03");
  await closed(port);
  const { child: adder, disconnected } = await adding(inTerminal);
  adder.stdin.write("\x03");
  await disconnected;
});

test("a terminal gets a table, and a pipe gets lines without colour", { skip: !hasTerminals }, () => {
  const piped = run(direct("--local", "add", "-"), { input: "hello\n" });
  assert.equal(piped.status, 0, piped.stderr);
  assert.match(piped.stdout, new RegExp(`^[^\t]+\t${CID}\t`));
  assert.doesNotMatch(piped.stdout + piped.stderr, /\x1b/);
  assert.match(run(inTerminal("--local", "ls")).stdout, new RegExp(`CID.*\n.*${CID}`, "s"));
});

test("exit codes are the command's", () => {
  const status = (...args) => run(direct(...args)).status;
  assert.equal(status("cid", "a.txt"), 0);
  assert.equal(status("cid", "missing.txt"), 1);
  assert.equal(status("nonsense"), 2);
  assert.equal(status("ls"), 3);
  assert.equal(status("--local", "get", "00000000-0000-4000-8000-000000000000"), 4);
});

test("a reader that is gone isn't a crash", async () => {
  const child = start(direct("--help"));
  child.stdout.destroy();
  const said = [];
  child.stderr.on("data", (piece) => said.push(String(piece)));
  // Output that nobody gets has an exit code of its own.
  assert.deepEqual(await once(child, "exit"), [7, null]);
  assert.doesNotMatch(said.join(""), /panic|at .*\.js:/);
});

test("file names that aren't Unicode are found", { skip: process.platform !== "linux" }, () => {
  const script = `name="$(printf 'caf\\351.txt')"; printf 'hello\\n' > "$name"; "$0" "$1" cid "$name"`;
  const said = run(["sh", "-c", script, ...direct()]);
  assert.match(said.stdout, new RegExp(`^${CID}\t`), said.stderr);
});
