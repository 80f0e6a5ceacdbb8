import { askAtTerminal, endWithReader } from '@cargo-tuf/command-line';
import { openContext } from './context.ts';
import { run } from './run.ts';

endWithReader();

process.exitCode = await run(
  process.argv.slice(2),
  openContext({
    environment: process.env,
    workingFolder: process.cwd(),
    stdout: process.stdout,
    stderr: process.stderr,
    ask: process.stdin.isTTY && process.stderr.isTTY ? askAtTerminal : undefined,
    clock: Date.now,
  }),
);
