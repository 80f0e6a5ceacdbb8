import { openProgress, type Progress } from '@cargo-tuf/command-line';
import { openMirrors, parseMirror } from '@cargo-tuf/cargo-tuf-lib';
import { Command } from 'commander';
import { collect } from '../arguments.ts';
import { type Context, print } from '../context.ts';
import { copyRepository } from '../mirror/copy.ts';
import { lockMirror, openMirrorFolder } from '../mirror/mirror-folder.ts';
import { readSelection, type SelectionOptions } from '../mirror/selection.ts';
import { resolvePath } from '../passphrase.ts';

interface MirrorOptions extends SelectionOptions {
  readonly root?: string;
  readonly fingerprint?: string;
  readonly indexOnly?: boolean;
  readonly verify?: boolean;
  readonly json?: boolean;
}

export function mirrorCommand(context: Context): Command {
  return new Command('mirror')
    .description(
      'copy a signed registry, or bring a copy up to date; every file is verified, no key is needed',
    )
    .argument('<url>', 'where the registry is: https, http on this machine, or file:')
    .argument('<folder>', 'the folder of the mirror; FOLDER/public is what to serve')
    .option('--root <file>', 'a root.json that you checked: needed once, when the mirror begins')
    .option('--fingerprint <sha256>', 'the fingerprint of its first root, in place of --root')
    .option('--lockfile <file>', 'copy what a Cargo.lock names, and no more; can be repeated', collect, [])
    .option('--crate <crate>', 'copy NAME or NAME@VERSION; can be repeated', collect, [])
    .option('--list <file>', 'the same from a file, one a line; can be repeated', collect, [])
    .option('--registry <registry>', 'of lockfiles take the crates of this registry alone')
    .option('--index-only', 'leave the archives of crates out')
    .option('--verify', 'read again what stands there, and repair it')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  tuf-admin mirror https://registry.example/ mirror --root root.json
  tuf-admin mirror https://registry.example/ mirror --lockfile Cargo.lock

Run it again to bring the mirror up to date. Cut off anywhere, the mirror serves the state before.
`,
    )
    .action((url: string, folder: string, options: MirrorOptions) => run(context, url, folder, options));
}

async function run(context: Context, url: string, folder: string, options: MirrorOptions): Promise<void> {
  const selection = await readSelection({
    ...options,
    lockfile: options.lockfile.map(path => resolvePath(context, path)),
    list: options.list.map(path => resolvePath(context, path)),
  });
  const opened = openMirrors([parseMirror(url)]);
  let progress: Progress | undefined;
  try {
    const unlocked = await openMirrorFolder(resolvePath(context, folder), opened.source, {
      ...(options.root !== undefined && { root: resolvePath(context, options.root) }),
      ...(options.fingerprint !== undefined && { fingerprint: options.fingerprint }),
    });
    const report = await lockMirror(unlocked, mirror =>
      copyRepository({
        ...opened,
        mirror,
        selection,
        archives: options.indexOnly !== true,
        verify: options.verify === true,
        clock: context.clock,
        onProgress: (done, total, name) => {
          progress ??= openProgress(context, 'Mirroring', total);
          progress.step(done, name);
        },
      }),
    );
    const { timestamp, tree, complete, written, archives, absent } = report;
    print(
      context,
      {
        text: [
          `timestamp ${timestamp}, tree ${tree}: ${written} files written, ${archives} of them archives; ${complete ? 'complete' : 'a part'}`,
          ...absent.map(name => `not in this registry: ${name}`),
        ],
        json: { ...report },
      },
      options.json,
    );
  } finally {
    progress?.end();
    await opened.http?.close();
  }
}
