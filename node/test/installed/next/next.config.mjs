export default {
  serverExternalPackages: ["w3pin"],
  output: "standalone",
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
};
