import { createInterface } from 'node:readline/promises';
import { openContext } from './context.ts';
import { run } from './run.ts';

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

process.exitCode = await run(
  process.argv.slice(2),
  openContext({
    environment: process.env,
    workingFolder: process.cwd(),
    stdout: process.stdout,
    stderr: process.stderr,
    ask: process.stdin.isTTY && process.stderr.isTTY ? ask : undefined,
    clock: Date.now,
  }),
);
