// @ts-check
import { ROOT } from './environment.mjs';
import { PNPM } from './install.mjs';
import { runQuietly } from './process.mjs';

/** Builds the JavaScript of every package and program. @param {NodeJS.ProcessEnv} environment */
export async function build(environment) {
  // turbo calls pnpm by its name: npx puts it on the path.
  await runQuietly(
    'build',
    'npx',
    ['--yes', `--package=${PNPM}`, '-c', 'turbo run build --output-logs=errors-only'],
    {
      cwd: ROOT,
      environment,
    },
  );
}
