import { escapeText } from '@cargo-tuf/errors';
import { draftHash } from '@cargo-tuf/repository';
import { type Context, print } from '../context.ts';
import { writeNewFile } from '../local-file.ts';
import { resolvePath } from '../passphrase.ts';
import { type DraftFile, formatDraftFile } from './draft-file.ts';
import { describeDraft, draftProgress } from './draft-words.ts';

/** Writes a draft into a file that must not exist, and shows what is in it. */
export async function writeDraft(
  context: Context,
  file: string,
  draft: DraftFile,
  json: boolean | undefined,
): Promise<void> {
  const path = resolvePath(context, file);
  await writeNewFile(path, formatDraftFile(draft), 0o644);
  print(
    context,
    {
      text: [...describeDraft(draft.draft), `draft  ${escapeText(path, 1000)}`],
      json: { draft: path, hash: draftHash(draft.draft), roles: draftProgress(draft.draft) },
    },
    json,
  );
}
