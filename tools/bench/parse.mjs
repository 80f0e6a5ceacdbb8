// @ts-check
// The yardstick for long files: the CPU time in milliseconds that `JSON.parse` takes for one, in a process of its own.

import { readFileSync } from 'node:fs';

const text = readFileSync(process.argv[2] ?? '', 'utf8');
const before = process.cpuUsage();
JSON.parse(text);
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1000);
