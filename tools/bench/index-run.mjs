// @ts-check
// One task on a signed index, in a process of its own: `node index-run.mjs TASK OPTIONS.json`. Time counts from after the
// imports, and from after as many runs of the same as the option `warm` says. Prints one line of JSON.

import { readFile, writeFile } from 'node:fs/promises';

/** @typedef {{ wall: number, cpu: number }} Times in milliseconds; CPU of this process, without those that it starts */

/**
 * Each task imports what it needs, and gives what is measured.
 * @type {Readonly<Record<string, (options: any) => Promise<() => Promise<void>>>>}
 */
const TASKS = {
  /** `folder`, `ids`, `certificate`. */
  commits: async ({ folder, ids, certificate }) => {
    const { openGitRepository } = await import('@cargo-tuf/git-transport');
    const { signedPayload } = await import('@cargo-tuf/git-object');
    const { parseCertificate, verifyDetached } = await import('@cargo-tuf/openpgp');
    return async () => {
      const repository = await openGitRepository(folder);
      const trusted = [parseCertificate(certificate)];
      const time = Date.now();
      const verify = async (/** @type {import('@cargo-tuf/git-object').ObjectId} */ id) => {
        const { type, bytes } = await repository.read(id);
        if (type !== 'commit') throw new Error(`${id}: a ${type}`);
        const { payload, signature } = signedPayload(type, bytes, repository.format);
        verifyDetached(payload, signature ?? '', trusted, { time });
      };
      await Promise.all(ids.map(verify));
      repository.close();
    };
  },

  /** `payloads` and `signatures` of one `certificate`. */
  'signatures, ours': async ({ payloads, signatures, certificate }) => {
    const { parseCertificate, verifyDetached } = await import('@cargo-tuf/openpgp');
    const trusted = [parseCertificate(certificate)];
    const time = Date.now();
    return async () => {
      for (const [at, armor] of signatures.entries())
        verifyDetached(Buffer.from(payloads[at], 'hex'), armor, trusted, { time });
    };
  },

  'signatures, openpgp.js': async ({ payloads, signatures, certificate }) => {
    const { createMessage, readKey, readSignature, verify } = await import('openpgp');
    const verificationKeys = await readKey({ armoredKey: certificate });
    return async () => {
      for (const [at, armoredSignature] of signatures.entries()) {
        const message = await createMessage({ binary: Buffer.from(payloads[at], 'hex') });
        const signature = await readSignature({ armoredSignature });
        const verified = await verify({ message, signature, verificationKeys, format: 'binary' });
        await verified.signatures[0]?.verified;
      }
    };
  },

  /** From the state in `store`, which is written when `keep` says so. */
  sync: async ({ folder, tip, anchor, store: path, keep }) => {
    const { openGitRepository } = await import('@cargo-tuf/git-transport');
    const { syncRegistry } = await import('@cargo-tuf/registry-commits');
    const kept = await readFile(path, 'utf8').catch(() => '[]');
    const pairs = /** @type {[string, string][]} */ (JSON.parse(kept));
    /** @type {Map<string, Uint8Array>} */
    const documents = new Map(pairs.map(([name, hex]) => [name, new Uint8Array(Buffer.from(hex, 'hex'))]));
    const store = {
      read: async () => ({ revision: 0, documents }),
      replace: async (
        /** @type {number} */ _,
        /** @type {ReadonlyMap<string, Uint8Array | null>} */ changes,
      ) => {
        for (const [name, bytes] of changes) if (bytes !== null) documents.set(name, bytes);
        return 0;
      },
    };
    return async () => {
      const repository = await openGitRepository(folder);
      await syncRegistry(tip, {
        source: repository,
        store,
        anchor: Buffer.from(anchor, 'hex'),
        now: Date.now(),
      });
      repository.close();
      const all = Array.from(documents, ([name, bytes]) => [name, Buffer.from(bytes).toString('hex')]);
      if (keep) await writeFile(path, JSON.stringify(all));
    };
  },
};

const [name = '', path = ''] = process.argv.slice(2);
const task = TASKS[name];
if (task === undefined) throw new Error(`${name}: no task of this name`);
const options = JSON.parse(await readFile(path, 'utf8'));
const work = await task(options);
for (let run = 0; run < (options.warm ?? 0); run++) await work();
const [time, cpu] = [performance.now(), process.cpuUsage()];
await work();
const { user, system } = process.cpuUsage(cpu);
/** @type {Times} */
const times = { wall: performance.now() - time, cpu: (user + system) / 1000 };
console.log(JSON.stringify(times));
