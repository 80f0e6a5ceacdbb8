// download-worker <mirror> <root.json> <target> <file>: prints by how much its memory grew, in MiB, or an error's code.

import { readFile } from 'node:fs/promises';
import { downloadTarget } from '@cargo-tuf/cargo-tuf-lib';
import { openClient, openMemoryStore } from '@cargo-tuf/client';
import { openHttpSource } from '@cargo-tuf/http-transport';

async function main([mirror = '', root = '', target = '', file = '']: readonly string[]): Promise<void> {
  const source = openHttpSource({ mirrors: [mirror], proxy: false });
  const client = openClient({
    root: new Uint8Array(await readFile(root)),
    source,
    store: openMemoryStore(),
    clock: Date.now,
  });
  try {
    const snapshot = await client.sync();
    const before = process.resourceUsage().maxRSS;
    await downloadTarget(snapshot, target, file);
    process.stdout.write(String((process.resourceUsage().maxRSS - before) / 1024));
  } catch (error) {
    process.stdout.write((error as { code?: string }).code ?? String(error));
    process.exitCode = 1;
  } finally {
    await source.close();
  }
}

void main(process.argv.slice(2));
