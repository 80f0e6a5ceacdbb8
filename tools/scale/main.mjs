// @ts-check
// Builds registries of many crates in five layouts, runs clients against them over HTTP, and writes docs/scale-report.md: `npm run scale`,
// with --help for what can be chosen. The packages must have been built.

import { importSource } from '../bench/import-source.mjs';

const { runScale } = await importSource('tools/scale/scale.ts', ['@cargo-tuf/*']);
process.exitCode = await runScale(process.argv.slice(2));
