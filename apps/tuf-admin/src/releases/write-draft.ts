import { escapeText } from '@cargo-tuf/errors';
import { draftChange, draftHash, type ReleaseChange } from '@cargo-tuf/repository';
import type { Command } from 'commander';
import { type Context, print } from '../context.ts';
import { writeNewFile } from '../local-file.ts';
import { resolvePath } from '../passphrase.ts';
import { formatDraftFile } from './draft-file.ts';
import { describeDraft, draftProgress } from './draft-words.ts';
import type { ReleasesPublisher } from './releases-folder.ts';

/** For commands whose roles can be signed in several places. */
export function withDraftOption(command: Command): Command {
  return command.option('--draft <file>', 'publish nothing: write what the holders of the keys are to sign');
}

export interface DraftRequest {
  /** A file that must not exist. */
  readonly draft: string;
  readonly json?: boolean;
}

/** Drafts a change, writes it into a file, and shows what is in it. */
export async function writeDraft(
  context: Context,
  { publisher }: Pick<ReleasesPublisher, 'publisher'>,
  change: ReleaseChange,
  { draft: file, json }: DraftRequest,
): Promise<void> {
  const draft = await draftChange(publisher, change);
  const path = resolvePath(context, file);
  await writeNewFile(path, formatDraftFile({ change, draft }), 0o644);
  print(
    context,
    {
      text: [...describeDraft(draft), `draft  ${escapeText(path, 1000)}`],
      json: { draft: path, hash: draftHash(draft), roles: draftProgress(draft) },
    },
    json,
  );
}

/** Whether a draft was asked for. */
export function isDraft<T extends { readonly draft?: string }>(options: T): options is T & DraftRequest {
  return options.draft !== undefined;
}
