// @ts-check
// Which package stands where. Imports point down only; DESIGN.md section 3 draws the same picture.

/** From the ground up. */
export const LAYERS = ['words', 'atoms', 'formats', 'do', 'compose', 'apps'];

/**
 * `pure`: the sources touch neither Node nor the DOM; the compiler proves it (`types: []`).
 * @type {Readonly<Record<string, { layer: string, pure?: true }>>}
 */
export const PACKAGES = {
  '@cargo-tuf/errors': { layer: 'words', pure: true },

  '@cargo-tuf/canonical-json': { layer: 'atoms', pure: true },
  '@cargo-tuf/keys': { layer: 'atoms', pure: true },

  '@cargo-tuf/metadata': { layer: 'formats', pure: true },
  '@cargo-tuf/openpgp': { layer: 'formats', pure: true },
  '@cargo-tuf/merkle-snapshot': { layer: 'formats', pure: true },
  '@cargo-tuf/git-object': { layer: 'formats', pure: true },
  '@cargo-tuf/crate-index': { layer: 'formats', pure: true },
  '@cargo-tuf/crate-archive': { layer: 'formats' },
  '@cargo-tuf/release-channel': { layer: 'formats', pure: true },

  '@cargo-tuf/client': { layer: 'do', pure: true },
  '@cargo-tuf/auditor': { layer: 'do', pure: true },
  '@cargo-tuf/repository': { layer: 'do', pure: true },
  '@cargo-tuf/registry-commits': { layer: 'do', pure: true },
  '@cargo-tuf/git-transport': { layer: 'do' },
  '@cargo-tuf/http-transport': { layer: 'do' },
  '@cargo-tuf/folder-store': { layer: 'do' },
  '@cargo-tuf/hash-workers': { layer: 'do' },
  '@cargo-tuf/signers': { layer: 'do' },
  '@cargo-tuf/local-proxy': { layer: 'do' },
  '@cargo-tuf/simulator': { layer: 'do' },

  '@cargo-tuf/cargo-tuf-lib': { layer: 'compose' },
  '@cargo-tuf/command-line': { layer: 'compose' },

  'cargo-tuf': { layer: 'apps' },
  'rustup-tuf': { layer: 'apps' },
  'tuf-admin': { layer: 'apps' },
};

/**
 * Imports within one layer, each with its reason.
 * @type {Readonly<Record<string, Readonly<Record<string, string>>>>}
 */
export const SIDEWAYS = {
  '@cargo-tuf/auditor': {
    '@cargo-tuf/client': 'an auditor verifies what a client verifies, by the same transitions',
  },
  '@cargo-tuf/simulator': {
    '@cargo-tuf/client': 'private: it drives a client against an attacker, for tests',
    '@cargo-tuf/repository': 'private: it signs the honest repository that the attacker damages',
  },
};
