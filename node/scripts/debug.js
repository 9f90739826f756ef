// Takes the native module that `cargo build --workspace --all-targets` makes for this machine, which the tests of the
// whole workspace have built already. `napi build` would build all its dependencies once more.
const { copyFileSync, mkdirSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");
const [library, abi] = {
  darwin: ["libw3pin_node.dylib", ""],
  linux: ["libw3pin_node.so", process.report.getReport().header.glibcVersionRuntime ? "-gnu" : "-musl"],
  win32: ["w3pin_node.dll", "-msvc"],
}[process.platform];

mkdirSync(join(root, "native"), { recursive: true });
copyFileSync(
  join(root, "..", "target", "debug", library),
  join(root, "native", `w3pin.${process.platform}-${process.arch}${abi}.node`),
);
