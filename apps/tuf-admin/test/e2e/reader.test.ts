import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it.each(['cargo-tuf', 'rustup-tuf', 'tuf-admin'])(
  '%s ends quietly with a reader that has seen enough',
  async name => {
    const program = fileURLToPath(new URL(`../../../${name}/dist/main.js`, import.meta.url));
    const child = spawn(process.execPath, [program, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = await once(child, 'close');
    expect([said, code]).toEqual(['', 0]);
  },
);
