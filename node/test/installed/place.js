// The packages as they are published, installed.
const { execFileSync } = require("node:child_process");
const { mkdirSync, mkdtempSync, readdirSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const npm = join(__dirname, "..", "..", "npm");
const tarballs = readdirSync(npm)
  .filter((it) => it.endsWith(".tgz"))
  .map((it) => join(npm, it));

/** Installs both packages into a folder, with no scripts and no network. */
exports.install = function install(folder) {
  const args = ["install", "--offline", "--ignore-scripts", "--no-save", "--no-package-lock", "--no-audit", "--no-fund"];
  execFileSync("npm", [...args, "--silent", ...tarballs], { cwd: folder, stdio: ["ignore", "inherit", "inherit"] });
};

/** An empty folder with both packages, and an environment that knows nobody's settings. */
exports.place = function place() {
  const folder = mkdtempSync(join(tmpdir(), "w3pin-installed-"));
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
