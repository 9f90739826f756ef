// `peer.js LIBRARY TASK …`: the same work by each library, as its documentation does it.
"use strict";

async function main([name, task, ...given]) {
  if (name === "nothing") return;
  if (task === "start") {
    require(name);
    return;
  }
  const library = require(`./with-${name}.js`);
  const [url, what, concurrency] = given;
  if (task === "upload") {
    await library.upload(url, what);
    return;
  }
  const figures =
    task === "calls"
      ? await library.calls(url, Number(what), Number(concurrency))
      : task === "list"
        ? await library.listPins(url, Number(what))
        : await library.files(url, what, Number(concurrency));
  console.log(JSON.stringify(figures));
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (problem) => {
    console.error(problem.message ?? problem);
    process.exit(1);
  },
);
