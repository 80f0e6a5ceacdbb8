// JavaScript only: the declarations come from `tsc -b`, which checks them as well.
import type { Options } from 'tsup';
import { directImports } from './tools/packages/direct-imports.mjs';

export const library: Options = {
  entry: ['src/index.ts'],
  format: ['esm'],
  target: 'node20',
  platform: 'neutral',
  sourcemap: true,
  dts: false,
  // What an earlier build made; the declarations are not from here.
  clean: ['!**/*.d.ts', '!**/*.d.ts.map', '!.tsbuildinfo'],
  silent: true,
};

/** A program: one file, everything inside, lazy parts as chunks. */
export const program: Options = {
  ...library,
  entry: ['src/main.ts'],
  platform: 'node',
  noExternal: [/.*/],
  splitting: true,
  esbuildPlugins: [directImports()],
  esbuildOptions(options) {
    options.conditions = ['@cargo-tuf/source'];
    // Node reads all of a file before it runs any of it.
    options.minifyWhitespace = true;
  },
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
};
