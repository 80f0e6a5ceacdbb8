// A signed registry in memory, made with our own signer: no git, no gpg.
import {
  formatCommit,
  formatTag,
  formatTree,
  type ObjectFormat,
  type ObjectId,
  type ObjectType,
  objectId,
  signedPayload,
  type TreeEntry,
  withSignature,
} from '@cargo-tuf/git-object';
import { generateKeyPair, type Signer } from '@cargo-tuf/keys';
import { formatTomlRoot, formatTomlTimestamp } from '@cargo-tuf/metadata';
import {
  type Certificate,
  createCertificate,
  formatCertificate,
  joinSignatures,
  signDetached,
} from '@cargo-tuf/openpgp';
import type { GitObject, RegistrySource } from '@cargo-tuf/registry-commits';

export const NOW = Date.UTC(2026, 0, 1);
const WHO = { name: 'Bot', email: 'bot@example.org', time: NOW / 1000, zone: '+0000' };
const text = (value: string) => new TextEncoder().encode(value);

export interface MemoryKey {
  readonly signer: Signer;
  readonly certificate: Certificate;
}

export async function makeKey(name: string): Promise<MemoryKey> {
  const { signer } = generateKeyPair('ed25519');
  return {
    signer,
    certificate: await createCertificate(signer, { userId: `${name} <${name}@example.org>`, time: NOW }),
  };
}

export class MemoryWorld {
  readonly objects: Map<ObjectId, GitObject> = new Map();
  readonly refs: Map<string, ObjectId> = new Map();
  readonly source: RegistrySource;
  readonly format: ObjectFormat;

  constructor(format: ObjectFormat) {
    this.format = format;
    this.source = {
      format,
      read: async id => {
        const object = this.objects.get(id);
        if (object === undefined) throw new Error(`no object ${id}`);
        return object;
      },
      ref: async name => this.refs.get(name),
    };
  }

  put(type: ObjectType, bytes: Uint8Array): ObjectId {
    const id = objectId(type, bytes, this.format);
    this.objects.set(id, { type, bytes });
    return id;
  }

  bytes(id: ObjectId): Uint8Array {
    return (this.objects.get(id) as GitObject).bytes;
  }

  root(
    version: number,
    root: readonly MemoryKey[],
    timestamp: readonly MemoryKey[],
    threshold = 1,
  ): Uint8Array {
    const keys = [...root, ...timestamp].map(({ certificate }) => {
      const { keyId } = certificate;
      return [keyId, { keyId, certificate: formatCertificate(certificate) }] as const;
    });
    const role = (members: readonly MemoryKey[], least: number) => ({
      keyIds: members.map(({ certificate }) => certificate.keyId),
      threshold: least,
    });
    return formatTomlRoot({
      version,
      expires: Date.UTC(2099, 0, 1),
      repository: undefined,
      consistentSnapshot: true,
      keys: new Map(keys),
      roles: new Map([
        ['root', role(root, 1)],
        ['timestamp', role(timestamp, threshold)],
      ]),
    });
  }

  async commit(
    signers: readonly MemoryKey[],
    version: number,
    files: Readonly<Record<string, Uint8Array>>,
    parents: readonly ObjectId[] = [],
  ): Promise<ObjectId> {
    const timestamp = formatTomlTimestamp({ version, expires: Date.UTC(2099, 0, 1), repository: undefined });
    const entries = Object.entries({ 'timestamp.toml': timestamp, ...files });
    const tree = this.put(
      'tree',
      formatTree(
        entries.map(([name, bytes]): [string, TreeEntry] => [
          name,
          { kind: 'file', id: this.put('blob', bytes) },
        ]),
        this.format,
      ),
    );
    const bytes = formatCommit(
      { tree, parents, author: WHO, committer: WHO, mergeTags: [], message: text('Update\n') },
      this.format,
    );
    return this.put('commit', await this.#sign('commit', bytes, signers));
  }

  async tag(signers: readonly MemoryKey[], name: string, commit: ObjectId): Promise<ObjectId> {
    const tag = { object: commit, type: 'commit', name, tagger: WHO, message: text('Rotate\n') } as const;
    const id = this.put('tag', await this.#sign('tag', formatTag(tag, this.format), signers));
    this.refs.set(`refs/tags/${name}`, id);
    return id;
  }

  async #sign(type: 'commit' | 'tag', bytes: Uint8Array, signers: readonly MemoryKey[]): Promise<Uint8Array> {
    const { payload } = signedPayload(type, bytes, this.format);
    const armors = await Promise.all(
      signers.map(({ signer, certificate }) => signDetached(payload, signer, certificate, { time: NOW })),
    );
    return withSignature(type, bytes, joinSignatures(armors), this.format);
  }
}
