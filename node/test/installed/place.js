// Installs the packages as published.
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

/** Installs both packages into a folder, without scripts and network; other packages stay as in its lockfile. */
function install(folder) {
  npmInstall(folder, "--offline", "--no-save", ...tarballs);
}

function npmInstall(cwd, ...args) {
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
  execFileSync("npm", ["install", ...quiet, ...args], { cwd, stdio: ["ignore", "inherit", "inherit"] });
}

/** A project next to this file, with its dependencies and both packages. */
exports.project = function project(name) {
  const folder = join(__dirname, name);
  npmInstall(folder, "--prefer-offline", "--no-save");
  install(folder);
  return folder;
};

/** A folder with only both packages, and an environment without the user's settings. */
exports.place = function place() {
  const folder = exports.temporary();
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  install(folder);
  const home = join(folder, "home");
  mkdirSync(home);
  const env = { ...process.env, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home };
  for (const name of Object.keys(env).filter((it) => it.startsWith("W3PIN_") || it.startsWith("npm_"))) {
    delete env[name];
  }
  return { folder, bin: join(folder, "node_modules", "w3pin", "bin", "w3pin.js"), env };
};

/** Waits for output of a program that matches. */
exports.printed = function printed(stream, pattern) {
  return new Promise((resolve, reject) => {
    let said = "";
    stream.on("data", (piece) => {
      said += piece;
      const found = pattern.exec(said);
      if (found) resolve(found);
    });
    stream.on("end", () => reject(new Error(`${pattern} isn't in ${said}`)));
  });
};
