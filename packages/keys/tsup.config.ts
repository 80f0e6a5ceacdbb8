import { defineConfig } from 'tsup';
import { library } from '../../tsup.config.base.ts';

export default defineConfig({
  ...library,
  entry: ['src/index.ts', 'src/noble.ts', 'src/default-backend-node.ts', 'src/default-backend-noble.ts'],
  splitting: true,
  external: ['#default-backend'],
});
