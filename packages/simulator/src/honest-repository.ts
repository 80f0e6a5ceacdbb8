import { generateKeyPair, type Scheme, type Signer } from '@cargo-tuf/keys';
import {
  type CommitResult,
  createRepository,
  DEFAULT_POLICY,
  openMemoryBytes,
  type Policy,
  type Publication,
  type PublisherContext,
  publish,
  raiseEpoch,
  renewRoot,
  ROLE_NAMES,
  type RoleName,
  rotate,
} from '@cargo-tuf/repository';
import type { SimulatedClock } from './clock.ts';

export interface HonestOptions {
  readonly clock: SimulatedClock;
  readonly policy?: Policy;
  readonly scheme?: Scheme;
  /** Distinguishes repositories: their ids differ. */
  readonly seed?: number;
  readonly config?: Uint8Array;
  /** Keys a role; its threshold is the policy's. */
  readonly keys?: Partial<Record<RoleName, number>>;
}

/** A registry that does everything right, in memory. Its keys are at hand, for attackers that steal them. */
export class HonestRepository {
  readonly clock: SimulatedClock;
  readonly policy: Policy;
  /** What a mirror serves: path to bytes. */
  readonly files: Map<string, Uint8Array>;
  readonly signers: Map<RoleName, Signer[]>;
  readonly context: PublisherContext;

  private constructor(clock: SimulatedClock, policy: Policy, signers: Map<RoleName, Signer[]>) {
    const bytes = openMemoryBytes();
    this.clock = clock;
    this.policy = policy;
    this.files = bytes.files;
    this.signers = signers;
    this.context = { bytes, signers, policy, clock: clock.now };
  }

  static async create(options: HonestOptions): Promise<HonestRepository> {
    const { clock, policy = DEFAULT_POLICY, scheme = 'ed25519', keys = {} } = options;
    const signersOf = (role: RoleName): Signer[] => {
      const count = Math.max(keys[role] ?? 1, policy[role].threshold);
      return Array.from({ length: count }, () => generateKeyPair(scheme).signer);
    };
    const signers = new Map(ROLE_NAMES.map(role => [role, signersOf(role)]));
    const repository = new HonestRepository(clock, policy, signers);
    const publicKeys = Object.fromEntries(
      [...repository.signers].map(([role, signers]) => [role, signers.map(signer => signer.publicKey)]),
    ) as Record<RoleName, Signer['publicKey'][]>;
    await createRepository(repository.context, {
      publicKeys,
      config: options.config ?? new TextEncoder().encode('{"dl":"https://crates.example/crates"}'),
      repositoryId: new Uint8Array(32).fill(options.seed ?? 1),
    });
    return repository;
  }

  /** The same registry once more: its files, its keys, and another clock. What one does the other does not see. */
  fork(clock: SimulatedClock): HonestRepository {
    const fork = new HonestRepository(clock, this.policy, new Map(this.signers));
    for (const [path, bytes] of this.files) fork.files.set(path, bytes);
    return fork;
  }

  /** The trust anchor that users would get. */
  get root(): Uint8Array {
    return this.files.get('metadata/1.root.json') as Uint8Array;
  }

  publish(publication: Publication): Promise<CommitResult> {
    return publish(this.context, publication);
  }

  renew(): Promise<CommitResult> {
    return publish(this.context);
  }

  renewRoot(): Promise<CommitResult> {
    return renewRoot(this.context);
  }

  raiseEpoch(): Promise<CommitResult> {
    return raiseEpoch(this.context);
  }

  /** Gives a role other keys; the old ones are returned, for the thief. */
  async rotate(role: RoleName, count: number = this.policy[role].threshold): Promise<readonly Signer[]> {
    const old = this.signers.get(role) ?? [];
    const next = Array.from({ length: count }, () => generateKeyPair('ed25519').signer);
    this.signers.set(role, [...old, ...next]);
    await rotate(this.context, { role, publicKeys: next.map(signer => signer.publicKey) });
    this.signers.set(role, next);
    return old;
  }

  /** All files as they are, for mirrors that fall behind. */
  copy(): ReadonlyMap<string, Uint8Array> {
    return new Map(this.files);
  }
}
