// Names of refs in commands and in what git answers.

import { escapeText } from '@cargo-tuf/errors';
import { isObjectId, isRefName, type ObjectFormat, type ObjectId } from '@cargo-tuf/git-object';
import { fail } from './errors.ts';

export interface Ref {
  readonly name: string;
  readonly id: ObjectId;
}

/** Throws `GIT_REF_NAME`. */
export function checkRefName(name: string): string {
  if (isRefName(name)) return name;
  throw fail(
    'GIT_REF_NAME',
    `ref: "${escapeText(name, 120)}", expected a full name such as refs/heads/main`,
    {
      details: { name: escapeText(name) },
    },
  );
}

/** A name with at most one `*` in it, which stands for any characters. Throws `GIT_REF_NAME`. */
export function checkRefPattern(pattern: string): string {
  checkRefName(pattern.replace('*', 'x'));
  return pattern;
}

/** Lines of `<id><separator><name>`. Throws `GIT_LIMIT` and `GIT_ANSWER`. */
export function parseRefLines(
  subject: string,
  output: Buffer,
  separator: string,
  format: ObjectFormat,
  limit: number,
): readonly Ref[] {
  const lines = output.toString('utf8').split('\n').slice(0, -1);
  if (lines.length > limit)
    throw fail('GIT_LIMIT', `${subject}: more than ${limit} refs`, { details: { limit } });
  return lines.map(line => {
    const at = line.indexOf(separator);
    const [id, name] = [line.slice(0, at), line.slice(at + separator.length)];
    if (at >= 0 && isObjectId(id, format) && isRefName(name)) return { id, name };
    throw fail(
      'GIT_ANSWER',
      `${subject}: "${escapeText(line, 120)}", expected the ${format} id and name of a ref`,
      {
        details: { line: escapeText(line) },
      },
    );
  });
}
