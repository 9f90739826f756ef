// Packs what a release publishes into `npm/`: the package of each platform that is built, and w3pin itself, which has
// those of all platforms as optional dependencies.
const { execFileSync } = require("node:child_process");
const { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const root = join(__dirname, "..");
const npm = join(root, "npm");

/** Gives the tarballs' paths. */
exports.pack = function pack() {
  for (const old of readdirSync(npm).filter((it) => it.endsWith(".tgz"))) {
    rmSync(join(npm, old));
  }
  const platforms = readdirSync(npm);
  const built = platforms.filter((it) => readdirSync(join(npm, it)).some((file) => file.endsWith(".node")));
  const staged = stage(platforms);
  try {
    return [...built.map((it) => join(npm, it)), staged].map(tarball);
  } finally {
    rmSync(staged, { recursive: true });
  }
};

/** The package as it is published. */
function stage(platforms) {
  const { scripts, devDependencies, napi, ...manifest } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const names = platforms.map((it) => [`${napi.packageName}-${it}`, manifest.version]);
  const folder = mkdtempSync(join(tmpdir(), "w3pin-pack-"));
  for (const name of manifest.files) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  const published = { ...manifest, optionalDependencies: Object.fromEntries(names) };
  writeFileSync(join(folder, "package.json"), JSON.stringify(published, null, 2));
  return folder;
}

function tarball(folder) {
  const args = ["pack", "--silent", "--pack-destination", npm];
  return join(npm, execFileSync("npm", args, { cwd: folder, encoding: "utf8" }).trim());
}

if (require.main === module) {
  console.log(exports.pack().join("\n"));
}
