// The compiled package is CommonJS. What `import` gets are the same modules by another door, so that there is one
// native module and one class of each error, however the package is loaded.
const { writeFileSync } = require("node:fs");
const { join } = require("node:path");

const dist = join(__dirname, "..", "dist");
for (const name of ["index", "testing", "unsupported"]) {
  const names = Object.keys(require(join(dist, `${name}.js`)));
  const lines = names.map((it) => `export const ${it} = cjs.${it};`);
  writeFileSync(join(dist, `${name}.mjs`), `import cjs from "./${name}.js";\n${lines.join("\n")}\n`);
  // Relative to an .mts the declarations of the CommonJS modules keep their own names.
  writeFileSync(join(dist, `${name}.d.mts`), `export * from "./${name}.js";\n`);
}
