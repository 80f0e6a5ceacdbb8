import { defineConfig } from 'tsup';
import { program } from '../../tsup.config.base.ts';

export default defineConfig({
  ...program,
  // The second is what a worker thread runs: hash-workers looks for it beside the file that it is in itself.
  entry: { main: 'src/main.ts', 'hash-worker': '../../packages/hash-workers/src/hash-worker.ts' },
});
