// Runs the tests of streams and of stopping under Bun and Deno, from the npm registry's packages of their binaries.
const { execFileSync, spawnSync } = require("node:child_process");
const { mkdtempSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

if (process.platform !== "linux" || process.arch !== "x64") {
  console.warn("SKIPPED: Bun and Deno are run on Linux on x64 alone");
  process.exit();
}
const folder = mkdtempSync(join(tmpdir(), "w3pin-runtimes-"));
writeFileSync(join(folder, "package.json"), "{}");
execFileSync("npm", ["install", "--ignore-scripts", "--silent", "@oven/bun-linux-x64@1.4.5", "@deno/linux-x64-glibc@2.9.6"], {
  cwd: folder,
  stdio: "inherit",
});
const modules = join(folder, "node_modules");
const runtimes = [
  [join(modules, "@oven", "bun-linux-x64", "bin", "bun"), "test"],
  [join(modules, "@deno", "linux-x64-glibc", "deno"), "test", "--no-check", "--no-lock", "--allow-all"],
];
for (const [runtime, ...args] of runtimes) {
  for (const name of ["inputs", "stopping"]) {
    const { status } = spawnSync(runtime, [...args, `./test/${name}.test.js`], { cwd: join(__dirname, ".."), stdio: "inherit" });
    if (status !== 0) {
      process.exitCode = 1;
    }
  }
}
