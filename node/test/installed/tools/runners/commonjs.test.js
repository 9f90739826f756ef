const cases = require("./cases.js");

for (const [name, run] of cases(require("w3pin"), require("w3pin/testing"))) {
  test(name, run);
}
