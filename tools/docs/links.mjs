// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ROOT } from '../setup/environment.mjs';

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;

/** Relative links of Markdown files that lead to no file, or to no heading of it. @param {readonly string[]} files */
export function brokenLinks(files) {
  return files
    .filter(name => name.endsWith('.md') && existsSync(resolve(ROOT, name)))
    .flatMap(name => linksOf(readFileSync(resolve(ROOT, name), 'utf8')).map(link => ({ name, link })))
    .filter(({ name, link }) => !resolves(name, link))
    .map(({ name, link }) => `${name}: the link ${link} leads nowhere`);
}

/** Links of this checkout, without those inside code. @param {string} markdown */
export function linksOf(markdown) {
  const prose = markdown.replace(/^(```|~~~).*?^\1$/gms, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(LINK)]
    .map(match => match[1] ?? '')
    .filter(link => !/^[a-z][a-z0-9+.-]*:/i.test(link));
}

/** @param {string} name @param {string} link */
function resolves(name, link) {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? resolve(ROOT, name) : resolve(ROOT, dirname(name), decodeURIComponent(path));
  if (!existsSync(target)) return false;
  return (
    anchor === undefined || !target.endsWith('.md') || anchorsOf(readFileSync(target, 'utf8')).has(anchor)
  );
}

/** The anchors that a heading gets: lower case, no punctuation, spaces as dashes. @param {string} markdown */
export function anchorsOf(markdown) {
  const headings = [...markdown.matchAll(/^#+ +(.+)$/gm)].map(match => match[1] ?? '');
  return new Set(
    headings.map(text =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
