import { defineConfig } from 'vitest/config';

const conditions = ['@cargo-tuf/source', 'node', 'import', 'module', 'default'];
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } };

export default defineConfig({
  test: {
    reporters: process.env['CI']
      ? ['dot', './tools/setup/reporter.ts']
      : ['default', './tools/setup/reporter.ts'],
    env: { TZ: 'UTC' },
    // Vitest leaves one core free, which is half of a small machine.
    maxWorkers: '100%',
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['packages/*/test/**/*.test.ts', 'apps/*/test/*.test.ts', 'tools/*/test/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'e2e',
          include: ['apps/*/test/e2e/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
