// The `config` of a repository, checked before git reads it. Its keys can run programs (core.fsmonitor, core.sshCommand,
// credential.helper, remote.x.uploadpack), lead elsewhere (url.x.insteadOf, include.path, core.worktree) or leave
// objects out (extensions.partialClone), so only keys that are known to do neither may stand there:
//
//   [core]
//   	repositoryformatversion = 1
//   	bare = true
//   [extensions]
//   	objectformat = sha256

import { escapeText } from '@cargo-tuf/errors';
import type { ObjectFormat } from '@cargo-tuf/git-object';
import { fail } from './errors.ts';

const HARMLESS: Readonly<Record<string, RegExp>> = {
  core: /^(repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode|symlinks|autocrlf)$/,
  extensions: /^objectformat$/,
  init: /^defaultbranch$/,
  user: /^(name|email|signingkey)$/,
  commit: /^gpgsign$/,
  tag: /^gpgsign$/,
  remote: /^(url|pushurl|fetch|tagopt)$/,
  branch: /^(remote|merge|rebase)$/,
};

/** The object format that it names. Throws `GIT_REPOSITORY_UNSAFE` for all that is not known to be harmless. */
export function checkConfig(text: string): ObjectFormat {
  let section = '';
  let format: ObjectFormat = 'sha1';
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed === '' || COMMENT.test(trimmed)) continue;
    const heading = HEADING.exec(trimmed);
    if (heading !== null) {
      section = sectionOf(heading, trimmed);
      continue;
    }
    const [, key, value] = SETTING.exec(trimmed) ?? [];
    if (key === undefined || value === undefined || !HARMLESS[section]?.test(key.toLowerCase()))
      throw unsafe(trimmed);
    if (section === 'extensions') format = formatOf(value);
  }
  return format;
}

// One line each, no quotes that hide an end, no backslash: what git would read otherwise is refused.
const COMMENT = /^[#;][^\0]*$/;
const HEADING = /^\[([A-Za-z]+)(?: "([A-Za-z0-9_][A-Za-z0-9_./-]*)")?\]$/;
const SETTING = /^([A-Za-z][A-Za-z0-9-]*) *= *([^\\"\0\r]*)$/;

function sectionOf(heading: RegExpExecArray, line: string): string {
  const name = (heading[1] ?? '').toLowerCase();
  const named = heading[2];
  const takesName = name === 'remote' || name === 'branch';
  if (!(name in HARMLESS) || takesName !== (named !== undefined)) throw unsafe(line);
  // A remote whose name looks like an address would be taken for it.
  if (name === 'remote' && named?.includes('/')) throw unsafe(line);
  return name;
}

function formatOf(value: string): ObjectFormat {
  if (value === 'sha1' || value === 'sha256') return value;
  throw unsafe(`objectformat = ${value}`);
}

function unsafe(line: string) {
  const shown = escapeText(line, 120);
  return fail(
    'GIT_REPOSITORY_UNSAFE',
    `config: "${shown}", expected only settings that run and fetch nothing`,
    {
      details: { line: shown },
    },
  );
}
