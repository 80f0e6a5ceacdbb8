// Components out of folders of their own into a toolchain that is being built, and the files that say what it has.

import { existsSync, lstatSync, mkdirSync, renameSync, type Stats, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { escapeText } from '@cargo-tuf/errors';
import { type Component, componentName } from '@cargo-tuf/release-channel';
import { formatParts, type Part } from '../archive/parts.ts';
import type { LooseComponent } from '../archive/unpack.ts';
import { fail, fileError } from '../errors.ts';
import { formatConfig } from './config-file.ts';
import { RUSTLIB } from './installed.ts';

/** Moves what the component lists. Throws `INSTALL_ARCHIVE` for what is not there, or there already. */
export function placeComponent(toolchain: string, { name, folder, parts }: LooseComponent): void {
  for (const part of parts) placePart(part, name, `${folder}/${part.path}`, `${toolchain}/${part.path}`);
  write(`${toolchain}/${RUSTLIB}/manifest-${name}`, formatParts(parts));
}

/** The rest of `lib/rustlib`, as rustup reads it. */
export function placeLists(toolchain: string, components: readonly Component[], manifest: Uint8Array): void {
  const names = components.map(componentName);
  write(`${toolchain}/${RUSTLIB}/components`, names.map(name => `${name}\n`).join(''));
  write(`${toolchain}/${RUSTLIB}/rust-installer-version`, '3');
  write(`${toolchain}/${RUSTLIB}/multirust-config.toml`, formatConfig(components));
  write(`${toolchain}/${RUSTLIB}/multirust-channel-manifest.toml`, manifest);
}

function placePart({ kind, path }: Part, component: string, from: string, to: string): void {
  const status = statusOf(from);
  if (status === undefined || (kind === 'file' ? !status.isFile() : !status.isDirectory()))
    throw fail('INSTALL_ARCHIVE', `${component}: lists ${escapeText(path)}, which it does not have`);
  if (existsSync(to))
    throw fail('INSTALL_ARCHIVE', `${component}: ${escapeText(path)} is another component's already`);
  try {
    mkdirSync(dirname(to), { recursive: true });
    renameSync(from, to);
  } catch (error) {
    throw fileError(to, error);
  }
}

function statusOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function write(path: string, content: string | Uint8Array): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { flag: 'wx', mode: 0o644 });
  } catch (error) {
    throw fileError(path, error);
  }
}
