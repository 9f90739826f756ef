// The package's surface, read from the declarations with the TypeScript compiler.
const { join } = require("node:path");
const { API, SignatureKind, SymbolFlags } = require("typescript/unstable/sync");

const { CLASSES } = require("../dist/translate.js");

/** Names that differ in JavaScript, except for this type. */
const NAMES = { onProgress: "progress", code: "kind" };
const spelled = (name, type) => (type !== "OnFetchProgress" && NAMES[name]) || name.replace(/(?<=.)Ms$/, "");
/** Options that only JavaScript has, for stopping a call. */
const OWN = ["signal"];
const MODELS = ["Pin", "Page", "UnreadablePin", "Totals", "Verification", "Progress", "PreparedUpload", "UploadPreview"];
MODELS.push("PreviewedFile", "Proof", "Root", "PackedCar", "Node", "FolderEntry", "Fetched", "FetchProgress", "Synced");
const METHODS = ["toJSON"];
const WORDS = { verify: "Verify", symlinks: "Symlinks", pinned: "Pinned", sortBy: "SortBy", sortOrder: "SortOrder" };
WORDS.profile = "Profile";
WORDS.symlinkPolicy = "SymlinkPolicy";

exports.surface = function surface() {
  const api = new API({});
  try {
    const folder = join(__dirname, "usage");
    const snapshot = api.updateSnapshot({ openProjects: [join(folder, "tsconfig.json")] });
    const { program, checker } = snapshot.getProject(join(folder, "tsconfig.json"));
    const file = program.getSourceFile(join(__dirname, "..", "dist", "index.d.ts"));
    return new Reader(checker, checker.getSymbolAtLocation(file)).surface();
  } finally {
    api.close();
  }
};

class Reader {
  constructor(checker, module) {
    this.checker = checker;
    const symbols = checker.getExportsOfModule(module);
    this.exports = new Map(symbols.map((it) => [it.name, this.resolved(it)]));
  }

  surface() {
    const classes = ["Client", "Retriever"].flatMap((name) => this.properties(name));
    const methods = classes.filter((it) => !/^(_.*|endpoint|close|retriever)$/.test(it.name));
    const free = ["computeCid", "packCar", "previewUpload", "verify"].map((name) => this.exports.get(name));
    const kinds = Object.entries(CLASSES).map(([kind, { name }]) => [kind, { doc: this.doc(this.exports.get(name)) }]);
    const ofError = this.fields("PinningError", ["name", "message", "stack", "cause"]);
    return {
      operations: Object.fromEntries([...methods, ...free].map((it) => [it.name, this.operation(it)])),
      client: this.parameters("ClientOptions"),
      retry: this.parameters("RetryPolicy"),
      types: Object.fromEntries(MODELS.map((name) => [name, this.fields(name, METHODS)])),
      words: Object.fromEntries(Object.entries(WORDS).map(([name, type]) => [name, this.words(type)])),
      error_kinds: Object.fromEntries(kinds),
      error_fields: ofError,
    };
  }

  resolved(symbol) {
    return symbol.flags & SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  properties(name) {
    return this.checker.getPropertiesOfType(this.checker.getDeclaredTypeOfSymbol(this.exports.get(name)));
  }

  operation(symbol) {
    const [signature] = this.checker.getSignaturesOfType(this.checker.getTypeOfSymbol(symbol), SignatureKind.Call);
    const sentences = new Map(
      this.tags(symbol)
        .filter((it) => it.name === "param")
        .map((it) => /^(\w+)\s+(?:- )?([\s\S]*)$/.exec(it.text).slice(1)),
    );
    const takes = {};
    for (const parameter of signature.getParameters()) {
      const type = this.type(parameter);
      if (parameter.name === "options") {
        Object.assign(takes, this.parameters(type));
      } else {
        takes[spelled(parameter.name)] = { doc: sentences.get(parameter.name) ?? "", type };
      }
    }
    return { doc: this.doc(symbol), takes };
  }

  /** The options of an interface, with their types and defaults. */
  parameters(name) {
    const found = {};
    for (const option of this.properties(name).filter((it) => !OWN.includes(it.name))) {
      const written = this.tags(option).find((it) => it.name === "defaultValue");
      const type = this.type(option);
      found[spelled(option.name, type)] = {
        doc: this.doc(option),
        type,
        ...(written && { default: JSON.parse(written.text) }),
      };
    }
    return found;
  }

  fields(name, except) {
    const fields = this.properties(name).filter((it) => !except.includes(it.name) && !/^[_#]/.test(it.name));
    return Object.fromEntries(fields.map((it) => [spelled(it.name), { doc: this.doc(it) }]));
  }

  /** The values of an enumeration, and the documentation of all. */
  words(name) {
    const symbol = this.exports.get(name);
    const { types } = this.checker.getDeclaredTypeOfSymbol(symbol);
    const doc = this.doc(symbol);
    const words = (types ?? this.checker.getDeclaredTypeOfSymbol(symbol).getTypes()).map((it) => it.value);
    return Object.fromEntries(words.map((word) => [word, { doc }]));
  }

  type(symbol) {
    const type = this.checker.typeToString(this.checker.getTypeOfSymbol(symbol));
    return type.replace(/ \| (null|undefined)\b/g, "");
  }

  doc(symbol) {
    // The text of a link is the name it leads to.
    return this.checker.getDocumentationCommentOfSymbol(symbol).replace(/\{@link (\w+)\}/g, "$1");
  }

  tags(symbol) {
    return this.checker.getJsDocTagsOfSymbol(symbol);
  }
}
