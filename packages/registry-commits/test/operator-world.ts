// A registry's operator in memory: a repository whose writes can fail before or after they land, keys, and clients that follow
// every step.
import { openMemoryStore, type Store } from '@cargo-tuf/client';
import { type ObjectFormat, type ObjectId, objectId } from '@cargo-tuf/git-object';
import { generateKeyPair, type Signer } from '@cargo-tuf/keys';
import { type Certificate, createCertificate } from '@cargo-tuf/openpgp';
import {
  type GitObject,
  initRegistry,
  type OperatorContext,
  type Outcome,
  type RefMove,
  type RegistryRepository,
  type RoleInput,
  syncRegistry,
  type VerifiedRegistry,
} from '@cargo-tuf/registry-commits';

export const NOW = Date.UTC(2026, 0, 1);
export const DAY = 86_400_000;
export const BRANCH = 'refs/heads/main';
export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

export interface TestKey {
  readonly signer: Signer;
  readonly certificate: Certificate;
}

export async function makeKeys<Name extends string>(
  names: readonly Name[],
  lifetimes?: Readonly<Partial<Record<Name, number>>>,
): Promise<Readonly<Record<Name, TestKey>>> {
  const pairs = names.map(async name => {
    const { signer } = generateKeyPair('ed25519');
    const lifetime = lifetimes?.[name];
    const certificate = await createCertificate(signer, {
      userId: `${name} <${name}@example.org>`,
      time: NOW,
      ...(lifetime !== undefined && { lifetime }),
    });
    return [name, { signer, certificate }] as const;
  });
  return Object.fromEntries(await Promise.all(pairs)) as Record<Name, TestKey>;
}

/** Which write fails, and whether it lands. */
export interface Fault {
  readonly write: number;
  readonly when: 'before' | 'after';
}

export class MemoryRepository implements RegistryRepository {
  readonly format: ObjectFormat;
  readonly objects: Map<ObjectId, GitObject> = new Map();
  readonly refs: Map<string, ObjectId> = new Map();
  fault: Fault | undefined;
  writes = 0;
  /** Runs once, before the refs move: somebody else. */
  meanwhile: (() => Promise<void>) | undefined;

  constructor(format: ObjectFormat = 'sha1') {
    this.format = format;
  }

  async read(id: ObjectId): Promise<GitObject> {
    const object = this.objects.get(id);
    if (object === undefined) throw new Error(`no object ${id}`);
    return object;
  }

  async ref(name: string): Promise<ObjectId | undefined> {
    return this.refs.get(name);
  }

  async writeAll(objects: readonly GitObject[]): Promise<readonly ObjectId[]> {
    return this.#write(() =>
      objects.map(object => {
        const id = objectId(object.type, object.bytes, this.format);
        this.objects.set(id, object);
        return id;
      }),
    );
  }

  async updateRefs(updates: readonly RefMove[]): Promise<void> {
    const { meanwhile } = this;
    this.meanwhile = undefined;
    await meanwhile?.();
    this.#write(() => {
      for (const { name, from } of updates) {
        if ((this.refs.get(name) ?? null) !== from)
          throw Object.assign(new Error(`${name} moved`), { code: 'TEST_CONFLICT' });
      }
      for (const { name, to } of updates) {
        if (to === null) this.refs.delete(name);
        else if (this.objects.has(to)) this.refs.set(name, to);
        else throw new Error(`no object ${to}`);
      }
    });
  }

  #write<T>(work: () => T): T {
    this.writes += 1;
    const fails = this.fault?.write === this.writes;
    if (fails && this.fault?.when === 'before') throw new Error('crash');
    const result = work();
    if (fails) throw new Error('crash');
    return result;
  }

  clone(): MemoryRepository {
    const other = new MemoryRepository(this.format);
    for (const [id, object] of this.objects) other.objects.set(id, object);
    for (const [name, id] of this.refs) other.refs.set(name, id);
    return other;
  }
}

export function role(keys: readonly TestKey[], threshold = 1): RoleInput {
  return { certificates: keys.map(({ certificate }) => certificate), threshold };
}

export class Operator {
  readonly repository: MemoryRepository;
  readonly store: Store;
  now: number = NOW;

  constructor(repository: MemoryRepository, store: Store = openMemoryStore()) {
    this.repository = repository;
    this.store = store;
  }

  context(...keys: readonly TestKey[]): OperatorContext {
    return {
      repository: this.repository,
      store: this.store,
      branch: BRANCH,
      signers: keys.map(({ signer }) => signer),
      author: { name: 'Bot', email: 'bot@example.org' },
      now: this.now,
      expires: this.now + 7 * DAY,
    };
  }

  get tip(): ObjectId {
    return this.repository.refs.get(BRANCH) as ObjectId;
  }
}

/** Follows the index with a memory of its own. */
export class Client {
  readonly #store = openMemoryStore();
  readonly #operator: Operator;
  readonly #anchor: Uint8Array;

  constructor(operator: Operator, anchor: Uint8Array) {
    this.#operator = operator;
    this.#anchor = anchor;
  }

  follow(): Promise<VerifiedRegistry> {
    const { repository: source, tip, now } = this.#operator;
    return syncRegistry(tip, { source, store: this.#store, anchor: this.#anchor, now });
  }
}

export interface Shape {
  readonly root: RoleInput;
  readonly timestamp: RoleInput;
  readonly targets?: RoleInput;
  readonly signers: readonly TestKey[];
  readonly files?: Readonly<Record<string, string>>;
  readonly format?: ObjectFormat;
}

const REPOSITORY: string = 'ab'.repeat(32);

export async function openIndex(shape: Shape): Promise<{ operator: Operator; client: Client }> {
  const operator = new Operator(new MemoryRepository(shape.format));
  await initRegistry(operator.context(...shape.signers), {
    roles: new Map([
      ['root', shape.root],
      ['timestamp', shape.timestamp],
      ...(shape.targets === undefined ? [] : ([['targets', shape.targets]] as const)),
    ]),
    rootExpires: NOW + 365 * DAY,
    repository: REPOSITORY,
    files: new Map(Object.entries(shape.files ?? {}).map(([path, content]) => [path, text(content)])),
  });
  const anchor = (await operator.store.read()).documents.get('registry.root') as Uint8Array;
  const client = new Client(operator, anchor);
  await client.follow();
  return { operator, client };
}

export function published(outcome: Outcome): Extract<Outcome, { kind: 'published' }> {
  if (outcome.kind === 'published') return outcome;
  throw new Error(`proposed: ${JSON.stringify(outcome.missing)}`);
}

export function proposed(outcome: Outcome): Extract<Outcome, { kind: 'proposed' }> {
  if (outcome.kind === 'proposed') return outcome;
  throw new Error('published');
}
