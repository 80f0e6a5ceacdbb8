// The closed grammar of request targets. Matched on the raw target, before any decoding: nothing in a target is ever
// decoded, so there is nothing to decode twice. The one escape that it knows is `%2B` in a version, another spelling of
// the `+` before build metadata.
//
//   /crates-io/index/config.json
//   /crates-io/index/it/oa/itoa
//   /crates-io/dl/itoa/1.0.1/1aab8fc367588b89dcee83ab0fd66b72b50b72fa1904d7095045ace2b0c81c35.crate
//   /.cargo-tuf/proof?nonce=<64 hex digits>
//   /rust-releases/…, in release-routes.ts

import { parseReleaseRoute, type ReleaseRoute } from './release-routes.ts';

export type Route =
  | ReleaseRoute
  | { readonly kind: 'config'; readonly slug: string }
  | { readonly kind: 'entry'; readonly slug: string; readonly name: string }
  /** Below an index, where no crate can be: cargo asks for whatever name a manifest has. */
  | { readonly kind: 'none'; readonly slug: string }
  | {
      readonly kind: 'crate';
      readonly slug: string;
      readonly name: string;
      readonly version: string;
      readonly sha256: string;
    }
  | { readonly kind: 'proof'; readonly nonce: string }
  | { readonly kind: 'nonce' }
  | { readonly kind: 'hold' | 'status' | 'stop'; readonly nonce: string; readonly proof: string };

const INDEX =
  /^\/([a-z0-9-]{1,64})\/index\/([A-Za-z0-9_-]{1,2}\/(?:[A-Za-z0-9_-]{1,2}\/)?[A-Za-z0-9_-]{1,64})$/;
const CONFIG = /^\/([a-z0-9-]{1,64})\/index\/config\.json$/;
const CRATE =
  /^\/([a-z0-9-]{1,64})\/dl\/([A-Za-z][A-Za-z0-9_-]{0,63})\/((?:[0-9A-Za-z.+-]|%2[Bb]){1,150})\/([0-9a-f]{64})\.crate$/;
const PROOF = /^\/\.cargo-tuf\/proof\?nonce=([0-9a-f]{64})$/;
const GUARDED = /^\/\.cargo-tuf\/(hold|status|stop)\?nonce=([0-9a-f]{64})&proof=([0-9a-f]{64})$/;

/** What a target asks for, or undefined where it is outside the grammar. */
export function parseRoute(target: string): Route | undefined {
  const config = CONFIG.exec(target);
  if (config !== null) return { kind: 'config', slug: config[1] as string };
  const index = INDEX.exec(target);
  if (index !== null) return entryRoute(index[1] as string, index[2] as string);
  const crate = CRATE.exec(target);
  if (crate !== null) {
    const [, slug, name, version, sha256] = crate as unknown as [string, string, string, string, string];
    return { kind: 'crate', slug, name, version: version.replaceAll(/%2b/gi, '+'), sha256 };
  }
  const release = parseReleaseRoute(target);
  if (release !== undefined) return release;
  const proof = PROOF.exec(target);
  if (proof !== null) return { kind: 'proof', nonce: proof[1] as string };
  if (target === '/.cargo-tuf/nonce') return { kind: 'nonce' };
  const guarded = GUARDED.exec(target);
  if (guarded === null) return undefined;
  const [, kind, nonce, code] = guarded as unknown as [string, 'hold' | 'status' | 'stop', string, string];
  return { kind, nonce, proof: code };
}

/** Only the one path that cargo has for a name: `1/a`, `2/ab`, `3/a/abc`, `ab/cd/abcd`. */
function entryRoute(slug: string, path: string): Route {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return /^[a-z]/.test(name) && path === indexPathOf(name)
    ? { kind: 'entry', slug, name }
    : { kind: 'none', slug };
}

function indexPathOf(name: string): string {
  if (name.length < 3) return `${name.length}/${name}`;
  if (name.length === 3) return `3/${name.slice(0, 1)}/${name}`;
  return `${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`;
}
