// The packages as they are published, installed.
const { execFileSync } = require("node:child_process");
const { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const npm = join(__dirname, "..", "..", "npm");
const tarballs = readdirSync(npm)
  .filter((it) => it.endsWith(".tgz"))
  .map((it) => join(npm, it));

/** An empty folder, until the tests end. */
exports.temporary = function temporary() {
  const folder = mkdtempSync(join(tmpdir(), "w3pin-installed-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Installs both packages into a folder, with no scripts and no network. */
exports.install = function install(folder) {
  const args = ["install", "--offline", "--ignore-scripts", "--no-save", "--no-package-lock", "--no-audit", "--no-fund"];
  execFileSync("npm", [...args, "--silent", ...tarballs], { cwd: folder, stdio: ["ignore", "inherit", "inherit"] });
};

/** An empty folder with both packages, and an environment that knows nobody's settings. */
exports.place = function place() {
  const folder = exports.temporary();
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  exports.install(folder);
  const home = join(folder, "home");
  mkdirSync(home);
  const env = { ...process.env, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home };
  for (const name of Object.keys(env).filter((it) => it.startsWith("W3PIN_") || it.startsWith("npm_"))) {
    delete env[name];
  }
  return { folder, bin: join(folder, "node_modules", "w3pin", "bin", "w3pin.js"), env };
};
