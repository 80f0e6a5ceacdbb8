// Names of crates by their number: `bike`, `tokio-suvo`, `kamo_macros`. Every name has one part of pairs of a consonant and a vowel,
// which is the number in base 100, and most have a common word before or after it. No word is made of such pairs alone, so different
// numbers have different names. Lengths have a mean of 11 to 12 characters and a long tail, as on crates.io.

import { mixed } from './random.ts';

const CONSONANTS = 'bdfgjklmnprstvwzhcqy';
const VOWELS = 'aeiou';
const PAIRS = CONSONANTS.length * VOWELS.length;

/** Common first and last words of crate names, in the order of how often they come. */
const FIRST = [
  'cargo',
  'rust',
  'tokio',
  'async',
  'serde',
  'wasm',
  'simple',
  'aws-sdk',
  'proc-macro',
  'bevy',
  'substrate',
];
const LAST = [
  'rs',
  'cli',
  'sys',
  'ffi',
  'macros',
  'api',
  'client',
  'utils',
  'types',
  'parser',
  'internal',
  'bindings',
];

const [WHICH, FIRST_WORD, LAST_WORD, JOINT] = [1, 2, 3, 4] as const;

/** The lower-case name of crate `index`, valid on crates.io. */
export function crateName(seed: number, index: number): string {
  const which = mixed(seed, WHICH, index) % 100;
  const joint = mixed(seed, JOINT, index) % 4 === 0 ? '_' : '-';
  const parts = [
    ...(which < 45 || which >= 90 ? [wordOf(FIRST, mixed(seed, FIRST_WORD, index))] : []),
    pairsOf(index),
    ...(which >= 40 && which < 85 ? [wordOf(LAST, mixed(seed, LAST_WORD, index))] : []),
  ];
  return parts.join(joint);
}

/** The number of the crate that has this name; undefined for a name that none can have. */
export function crateOfName(name: string): number | undefined {
  const pairs = name.split(/[-_]/).find(part => PAIRS_ALONE.test(part));
  if (pairs === undefined) return undefined;
  let index = 0;
  for (let at = 0; at < pairs.length; at += 2) {
    const pair =
      CONSONANTS.indexOf(pairs[at] as string) * VOWELS.length + VOWELS.indexOf(pairs[at + 1] as string);
    index = index * PAIRS + pair;
  }
  return index;
}

const PAIRS_ALONE = new RegExp(`^(?:[${CONSONANTS}][${VOWELS}])+$`);

/** Earlier words come more often. */
function wordOf(words: readonly string[], bits: number): string {
  const at = Math.floor(words.length * (bits / 2 ** 32) ** 1.7);
  return words[at] as string;
}

function pairsOf(index: number): string {
  let rest = index;
  let pairs = '';
  do {
    const pair = rest % PAIRS;
    pairs = `${CONSONANTS[Math.floor(pair / VOWELS.length)]}${VOWELS[pair % VOWELS.length]}${pairs}`;
    rest = Math.floor(rest / PAIRS);
  } while (rest > 0 || pairs.length < 4);
  return pairs;
}
