import * as w3pin from "w3pin";
import * as testing from "w3pin/testing";

import cases from "./cases.js";

for (const [name, run] of cases(w3pin, testing)) {
  test(name, run);
}
