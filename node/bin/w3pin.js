#!/usr/bin/env node
const { native } = require("../dist/native.js");

process.exitCode = native.runCommand(process.argv.slice(2));
