// An operator with the real git and gpg: keys, an index, commits and tags made as by hand.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import {
  type ObjectFormat,
  type ObjectId,
  parseObjectId,
  signedPayload,
  withSignature,
} from '@cargo-tuf/git-object';
import { type GitRepository, openGitRepository } from '@cargo-tuf/git-transport';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import {
  formatTomlRoot,
  formatTomlTargets,
  formatTomlTimestamp,
  type TomlDelegatedRole,
  type TomlRoleName,
} from '@cargo-tuf/metadata';
import { joinSignatures } from '@cargo-tuf/openpgp';
import { onTestFinished } from 'vitest';
import { type Gpg, openGpg } from '../../openpgp/test/gpg.ts';

const FAR = Date.UTC(2099, 0, 1);
export const DAY = 86_400_000;

/** Keys of one gpg, by a short name. */
export interface Keys {
  readonly gpg: Gpg;
  readonly ids: ReadonlyMap<string, string>;
  id(name: string): string;
  certificate(name: string): string;
  sign(name: string, bytes: Uint8Array): string;
  /** From here on the certificate says that it is revoked. gpg here does not know, and signs on. */
  revoke(name: string): void;
  close(): void;
}

export function openKeys(names: readonly string[], expiring: readonly string[] = []): Keys {
  const gpg = openGpg();
  const ids = new Map<string, string>();
  for (const name of [...names, ...expiring]) {
    const user = `${name} <${name}@example.org>`;
    gpg.run(['--quick-generate-key', user, 'ed25519', 'sign', expiring.includes(name) ? '2d' : '0']);
    ids.set(name, gpg.fingerprint(user));
  }
  const fingerprint = (name: string) => ids.get(name) ?? `no key ${name}`;
  const exported = (name: string, from: Gpg = gpg) =>
    from.run(['--armor', '--export', fingerprint(name)]).toString();
  const revoked = new Map<string, string>();
  return {
    gpg,
    ids,
    id: name => `openpgp:${fingerprint(name)}`,
    certificate: name => revoked.get(name) ?? exported(name),
    revoke: name => {
      const other = openGpg();
      other.run(['--import'], exported(name));
      const revocation = readFileSync(`${gpg.home}/openpgp-revocs.d/${fingerprint(name)}.rev`, 'utf8');
      other.run(['--import'], revocation.replace(':-----BEGIN', '-----BEGIN'));
      revoked.set(name, exported(name, other));
      other.close();
    },
    sign: (name, bytes) =>
      gpg.run(['--armor', '--detach-sign', '--local-user', fingerprint(name)], bytes).toString(),
    close: () => gpg.close(),
  };
}

export interface RoleShape {
  readonly keys: readonly string[];
  readonly threshold?: number;
}

export interface RootShape {
  readonly version: number;
  readonly roles: Readonly<Partial<Record<TomlRoleName, RoleShape>>>;
  readonly expires?: number;
  readonly repository?: string;
}

export interface TargetsShape {
  readonly version: number;
  readonly roles: readonly (RoleShape & { readonly name: string; readonly paths: readonly string[] })[];
  readonly expires?: number;
  /** Contents that it states, by path. */
  readonly files?: Readonly<Record<string, string>>;
}

export type Files = Readonly<Record<string, string | Uint8Array | null>>;

export class World {
  readonly folder: string = mkdtempSync(resolve(tmpdir(), 'registry-'));
  readonly keys: Keys;
  readonly format: ObjectFormat;
  #timestamp = 0;
  #repository: GitRepository | undefined;

  /** `atEnd`: when it is to be closed. */
  constructor(
    keys: Keys,
    format: ObjectFormat,
    atEnd: (close: () => void) => void = close => onTestFinished(close),
  ) {
    this.keys = keys;
    this.format = format;
    atEnd(() => this.close());
    this.git('init', '--quiet', `--object-format=${format}`, '--initial-branch=main');
  }

  close(): void {
    this.#repository?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async source(): Promise<GitRepository> {
    this.#repository ??= await openGitRepository(this.folder);
    return this.#repository;
  }

  git(...words: readonly string[]): string {
    return this.#run(words).toString().trim();
  }

  #run(words: readonly string[], input?: Uint8Array): Buffer {
    return execFileSync('git', words, {
      cwd: this.folder,
      env: {
        PATH: process.env['PATH'],
        HOME: this.folder,
        GNUPGHOME: this.keys.gpg.home,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_AUTHOR_NAME: 'Bot',
        GIT_AUTHOR_EMAIL: 'bot@example.org',
        GIT_COMMITTER_NAME: 'Bot',
        GIT_COMMITTER_EMAIL: 'bot@example.org',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(input !== undefined && { input }),
    });
  }

  id(name: string): ObjectId {
    return parseObjectId(this.git('rev-parse', '--verify', name), this.format);
  }

  get tip(): ObjectId {
    return this.id('HEAD');
  }

  write(files: Files): void {
    for (const [path, content] of Object.entries(files)) {
      const file = resolve(this.folder, path);
      if (content === null) rmSync(file);
      else {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content);
      }
    }
  }

  root({ version, roles, expires = FAR, repository }: RootShape): Uint8Array {
    const names = new Set(Object.values(roles).flatMap(role => role?.keys ?? []));
    return formatTomlRoot({
      version,
      expires,
      repository,
      consistentSnapshot: true,
      keys: this.#keys(names),
      roles: new Map(
        Object.entries(roles).map(([name, role]) => [
          name as TomlRoleName,
          { keyIds: role.keys.map(this.keys.id), threshold: role.threshold ?? 1 },
        ]),
      ),
    });
  }

  targets({ version, roles, expires = FAR, files = {} }: TargetsShape): Uint8Array {
    const names = new Set(roles.flatMap(role => role.keys));
    return formatTomlTargets({
      version,
      expires,
      repository: undefined,
      keys: this.#keys(names),
      roles: roles.map(
        (role): TomlDelegatedRole => ({
          name: role.name,
          keyIds: role.keys.map(this.keys.id),
          threshold: role.threshold ?? 1,
          paths: role.paths,
        }),
      ),
      targets: new Map(
        Object.entries(files).map(([path, content]) => {
          const hashes = new Map([['sha256', encodeHex(sha256(Buffer.from(content)))]]);
          return [path, { length: content.length, hashes }];
        }),
      ),
    });
  }

  #keys(names: Iterable<string>) {
    return new Map(
      Array.from(names, name => {
        const keyId = this.keys.id(name);
        return [keyId, { keyId, certificate: this.keys.certificate(name) }] as const;
      }),
    );
  }

  timestamp(version: number, expires: number = FAR, repository?: string): Uint8Array {
    return formatTomlTimestamp({ version, expires, repository });
  }

  /** Commits files as they lie there, with the next timestamp; undefined signs not. */
  commit(signer: string | undefined, files: Files = {}, version: number = this.#timestamp + 1): ObjectId {
    this.#timestamp = version;
    this.write({ 'timestamp.toml': this.timestamp(version), ...files });
    this.git('add', '--all');
    const sign = signer === undefined ? ['--no-gpg-sign'] : [`--gpg-sign=${this.keys.ids.get(signer)}`];
    this.git('commit', '--quiet', '--allow-empty', ...sign, '--message', `Update ${version}`);
    return this.tip;
  }

  /** The same with the signatures of several keys in one armor, which git cannot make. */
  commitBySeveral(
    signers: readonly string[],
    files: Files = {},
    version: number = this.#timestamp + 1,
  ): ObjectId {
    const unsigned = this.commit(undefined, files, version);
    return this.resign(unsigned, signers);
  }

  /** The commit at HEAD with other signatures. */
  resign(id: ObjectId, signers: readonly string[]): ObjectId {
    const { payload } = signedPayload('commit', this.bytes('commit', id), this.format);
    const armor = joinSignatures(signers.map(name => this.keys.sign(name, payload)));
    return this.replaceTip(withSignature('commit', payload, armor, this.format));
  }

  bytes(type: 'commit' | 'tag', id: ObjectId): Uint8Array {
    return new Uint8Array(this.#run(['cat-file', type, id]));
  }

  store(type: 'commit' | 'tag', bytes: Uint8Array): ObjectId {
    const written = this.#run(['hash-object', '-t', type, '-w', '--literally', '--stdin'], bytes);
    return parseObjectId(written.toString().trim(), this.format);
  }

  replaceTip(bytes: Uint8Array): ObjectId {
    const id = this.store('commit', bytes);
    this.git('update-ref', 'refs/heads/main', id);
    return id;
  }

  tag(signer: string | undefined, name: string, target: string = 'HEAD'): void {
    const sign =
      signer === undefined ? ['--annotate', '--no-sign'] : [`--local-user=${this.keys.ids.get(signer)}`];
    this.git('tag', '--force', ...sign, '--message', 'Rotate', name, target);
  }

  tagBySeveral(signers: readonly string[], name: string): void {
    this.tag(undefined, name);
    const { payload } = signedPayload('tag', this.bytes('tag', this.id(`refs/tags/${name}`)), this.format);
    const armor = joinSignatures(signers.map(key => this.keys.sign(key, payload)));
    const id = this.store('tag', withSignature('tag', payload, armor, this.format));
    this.git('update-ref', `refs/tags/${name}`, id);
  }

  /** One commit without parents, of the files as they lie there. */
  squash(signer: string, files: Files = {}, version: number = this.#timestamp + 1): ObjectId {
    this.git('checkout', '--quiet', '--orphan', 'squashed');
    const id = this.commit(signer, files, version);
    this.git('checkout', '--quiet', '-B', 'main', id);
    this.git('branch', '--quiet', '-D', 'squashed');
    return id;
  }

  /** Back to a commit, files as well. */
  reset(id: ObjectId, timestamp: number): void {
    this.git('reset', '--quiet', '--hard', id);
    this.#timestamp = timestamp;
  }
}

/** The index line of a version whose archive has this many times the digit as its checksum. */
export function line(name: string, version: string, digit: string, yanked = false): string {
  const fields = { name, vers: version, deps: [], cksum: digit.repeat(64), features: {}, yanked };
  return `${JSON.stringify(fields)}\n`;
}
