// @ts-check
import { build } from './build.mjs';
import { projectEnvironment, ROOT, withScratchFolder } from './environment.mjs';
import { install } from './install.mjs';
import { run, StepError } from './process.mjs';
import { test } from './tests.mjs';

/** @type {Readonly<Record<string, (environment: NodeJS.ProcessEnv, rest: readonly string[]) => Promise<number>>>} */
const COMMANDS = {
  build: async () => 0,
  quickstart: (environment, rest) =>
    run(process.execPath, ['tools/quickstart/main.mjs', ...rest], { cwd: ROOT, environment, show: true }),
  test: environment => test(environment),
};

/** Installs and builds, then does what was asked. Gives the exit code. @param {readonly string[]} words */
export async function main([name = '', ...rest]) {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    console.error(
      `setup: command ${JSON.stringify(name)}, expected one of: ${Object.keys(COMMANDS).join(', ')}`,
    );
    return 2;
  }
  return withScratchFolder(async scratch => {
    const environment = projectEnvironment(scratch);
    try {
      await install(environment);
      await build(environment);
      return await command(environment, rest);
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      console.error(error.message);
      if (name === 'test') console.log('0 passed, 1 failed');
      return 1;
    }
  });
}
