// From a route to an answer: the part of the proxy that asks for releases.
//
// Of a refusal rustup shows nothing but its status, and then "no release found". What it does show is a manifest that is no
// TOML. So the explanation is sent as the manifest, after a checksum of it:
//
//   GET …/dist/channel-rust-stable.toml.sha256   3a7b…  channel-rust-stable.toml
//   GET …/dist/channel-rust-stable.toml          TUF verification FAILED: dist/channel-rust-stable.toml: timestamp: expired …

import { createHash } from 'node:crypto';
import { formatChecksum } from '@cargo-tuf/release-channel';
import { type Answer, checkTag, refusalOf } from './answer.ts';
import { fail } from './errors.ts';
import { explanationLine } from './message.ts';
import type { Pins } from './pins.ts';
import type { ReleaseRoute } from './release-routes.ts';
import { type PinnedReleases, type ProxyReleases, type ReleaseFile, RELEASES_SLUG } from './releases.ts';

/** An answer of its own kind: its bytes are verified while they pass. */
export interface FileAnswer {
  readonly kind: 'file';
  readonly file: ReleaseFile;
}

type Refusal = ReturnType<typeof refusalOf>;

/** Explanations that are remembered: rustup asks for one manifest at a time. */
const KEPT_EXPLANATIONS = 64;

export class ReleaseAnswers {
  readonly #releases: () => ProxyReleases | undefined;
  readonly #pins: Pins;
  /** By the path of a manifest: the refusal that its last checksum was of. */
  readonly #explained: Map<string, Refusal> = new Map();

  constructor(releases: () => ProxyReleases | undefined, pins: Pins) {
    this.#releases = releases;
    this.#pins = pins;
  }

  async answer(route: ReleaseRoute): Promise<Answer | FileAnswer> {
    const { kind, path } = route;
    const explained = kind === 'manifest' ? this.#explained.get(path) : undefined;
    if (explained !== undefined) return explained;
    try {
      const answer = await this.#pinned(state => ask(state, route));
      if (kind === 'checksum') this.#explained.delete(path);
      return answer;
    } catch (error) {
      return this.#refuse(route, error);
    }
  }

  async #pinned<Result>(work: (state: PinnedReleases) => Promise<Result>): Promise<Result> {
    const releases = this.#releases();
    if (releases === undefined) throw fail('PROXY_NO_RELEASES', 'no Rust releases are trusted');
    const pin = this.#pins.pin({ slug: RELEASES_SLUG, pin: () => releases.pin() });
    try {
      return await work(await pin.state);
    } finally {
      pin.told = true;
    }
  }

  #refuse({ kind, path }: ReleaseRoute, error: unknown): Refusal {
    const refusal = refusalOf(path, error);
    if (kind === 'archive' || kind === 'installer') return refusal;
    const explanation = Buffer.from(explanationLine(path, error));
    const explained = { ...refusal, explanation };
    if (kind !== 'checksum') return explained;
    this.#explained.delete(path);
    this.#explained.set(path, explained);
    const [oldest] = this.#explained.keys();
    if (oldest !== undefined && this.#explained.size > KEPT_EXPLANATIONS) this.#explained.delete(oldest);
    const sha256 = createHash('sha256').update(explanation).digest('hex');
    return { ...refusal, explanation: formatChecksum(sha256, nameOf(path)) };
  }
}

async function ask(state: PinnedReleases, { kind, path }: ReleaseRoute): Promise<Answer | FileAnswer> {
  if (kind === 'archive') {
    const file = await state.archive(path);
    if (file !== undefined) return { kind: 'file', file };
    throw fail('PROXY_NO_ARCHIVE', 'archive: no manifest that was verified names it');
  }
  if (kind === 'installer') {
    const file = await state.installer(path);
    return file === undefined ? absent(path) : { kind: 'file', file };
  }
  if (kind === 'rustup') {
    const bytes = await state.rustupRelease();
    return bytes === undefined ? absent(path) : { kind: 'bytes', bytes, type: TEXT };
  }
  const manifest = await state.manifest(path);
  if (manifest === undefined) return absent(path);
  const sha256 = checkTag(manifest.sha256);
  if (kind === 'manifest') return { kind: 'bytes', bytes: manifest.bytes, type: TEXT, tag: sha256 };
  return { kind: 'bytes', bytes: formatChecksum(sha256, nameOf(path)), type: TEXT };
}

const TEXT = 'text/plain; charset=utf-8';

function absent(path: string): Answer {
  return { kind: 'absent', message: `${path}: the signed releases prove that there is none` };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
