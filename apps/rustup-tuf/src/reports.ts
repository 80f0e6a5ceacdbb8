import { print, printJson } from '@cargo-tuf/command-line';
import type { Context } from './context.ts';
import type { ChangeReport } from './toolchain/change.ts';

/** What changes came to, for people or for programs. */
export function report(context: Context, reports: readonly ChangeReport[], json: boolean | undefined): void {
  if (json) printJson(context, reports);
  else for (const each of reports) print(context, describe(each));
}

function describe({ toolchain, status, version, downloaded, removed }: ChangeReport): string {
  const counts = [
    ...(downloaded.length > 0
      ? [`${downloaded.length} component${downloaded.length === 1 ? '' : 's'} downloaded`]
      : []),
    ...(removed.length > 0 ? [`removed: ${removed.join(', ')}`] : []),
  ];
  const line = `${toolchain} ${status} - rustc ${version}`;
  return counts.length === 0 ? line : `${line} (${counts.join('; ')})`;
}
