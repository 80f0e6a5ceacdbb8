// What a component consists of: its `manifest.in` in an archive, `lib/rustlib/manifest-<component>` in a toolchain.
//
//   file:bin/rustc
//   dir:share/doc/rust/html
//
// Paths are relative to the toolchain's folder. They lead to the same place on every system, never outside, and to none of the
// files that say what is installed.

import { escapeText } from '@cargo-tuf/errors';
import { fail } from '../errors.ts';

export interface Part {
  readonly kind: 'file' | 'dir';
  readonly path: string;
}

const PART_LIMIT = 200_000;

/** Throws `INSTALL_ARCHIVE`, `INSTALL_ARCHIVE_UNSAFE`. */
export function parseParts(text: string, component: string): readonly Part[] {
  const lines = text.split('\n').filter(line => line !== '');
  if (lines.length > PART_LIMIT)
    throw fail('INSTALL_ARCHIVE', `${component}: ${lines.length} parts, expected at most ${PART_LIMIT}`);
  return lines.map(line => {
    const [, kind, path] = /^(file|dir):(.+)$/.exec(line) ?? [];
    if (kind === undefined || path === undefined)
      throw fail('INSTALL_ARCHIVE', `${component}: "${escapeText(line, 100)}" is neither file: nor dir:`);
    checkPath(path, component);
    if (isReserved(path)) {
      throw fail('INSTALL_ARCHIVE_UNSAFE', `${component}: ${escapeText(path)} belongs to no component`, {
        details: { component, path },
      });
    }
    return { kind: kind as Part['kind'], path };
  });
}

export function formatParts(parts: readonly Part[]): string {
  return parts.map(({ kind, path }) => `${kind}:${path}\n`).join('');
}

/** Throws `INSTALL_ARCHIVE_UNSAFE`. */
export function checkPath(path: string, component: string): void {
  const isPlain =
    path.length <= 1024 &&
    !/[\\:]|\p{C}/u.test(path) &&
    path.split('/').every(segment => !/^(?:|\.|\.\.)$|[. ]$/.test(segment));
  if (isPlain) return;
  throw fail(
    'INSTALL_ARCHIVE_UNSAFE',
    `${component}: path "${escapeText(path)}", expected one below its folder`,
    {
      details: { component, path },
    },
  );
}

/** Files of the toolchain itself, and folders that hold them: a component that is all of `lib` would bring its own. */
function isReserved(path: string): boolean {
  return (
    path === 'lib' ||
    path === 'lib/rustlib' ||
    /^lib\/rustlib\/(?:components|rust-installer-version|manifest-[^/]*|multirust-[^/]*)(?:\/|$)/i.test(path)
  );
}
