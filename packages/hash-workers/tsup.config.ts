import { defineConfig } from 'tsup';
import { library } from '../../tsup.config.base.ts';

export default defineConfig({
  ...library,
  platform: 'node',
  entry: ['src/index.ts', 'src/hash-worker.ts'],
  splitting: true,
});
