import { defineConfig } from 'tsup';
import { program } from '../../tsup.config.base.ts';

export default defineConfig({
  ...program,
  // The second is what the thread of link-lane.ts runs.
  entry: ['src/main.ts', 'src/link-worker.ts'],
});
