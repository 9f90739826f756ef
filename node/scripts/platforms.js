// Puts each native module that is built into the package of its platform, and links that package to where the loader
// finds it.
const { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } = require("node:fs");
const { dirname, join } = require("node:path");

const root = join(__dirname, "..");
for (const module of readdirSync(join(root, "native")).filter((it) => it.endsWith(".node"))) {
  const platform = module.split(".")[1];
  const folder = join(root, "npm", platform);
  if (!existsSync(folder)) {
    console.warn(`there is no package for ${platform}: name its module by W3PIN_NATIVE_MODULE`);
    continue;
  }
  copyFileSync(join(root, "native", module), join(folder, module));
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  const link = join(root, "node_modules", "@w3pin", `native-${platform}`);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { recursive: true, force: true });
  symlinkSync(folder, link, "junction");
}
