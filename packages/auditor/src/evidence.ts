// Evidence of misbehaviour (docs/pouf.md, section 8.2): one file that anybody can check offline, from the root alone. It holds
// signed files and proofs; what it proves is computed from these, never read.
//
//   {"_type":"cargo-tuf-evidence","format":1,"map":"crates","metadata":"json","name":"itoa","proofs":["<base64>","<base64>"],
//    "roots":["<base64>"],"states":[{"root":1,"timestamp":"<base64>", …},{…}]}

import type { JsonValue } from '@cargo-tuf/canonical-json';
import { encodeBase64 } from '@cargo-tuf/keys';
import { decodeProof, encodeProof, type Proof } from '@cargo-tuf/merkle-snapshot';
import type { Format } from '@cargo-tuf/metadata';
import { bytesOf, formatContainer, formatState, malformed, parseContainer, parseState } from './container.ts';
import type { SignedState } from './signed-state.ts';

export interface Evidence {
  readonly metadata: Format;
  /** The anchor, then every root up to the newest that is needed. */
  readonly roots: readonly Uint8Array[];
  /** One state that contradicts itself, or two that contradict each other. */
  readonly states: readonly SignedState[];
  /** What the map of each state says about one name. */
  readonly leaf?: LeafEvidence | undefined;
  /** Files of changes that the later state names. */
  readonly changes?: readonly Uint8Array[] | undefined;
}

export interface LeafEvidence {
  readonly map: 'crates' | 'claims';
  readonly name: string;
  /** As many as there are states. */
  readonly proofs: readonly Proof[];
}

const TYPE = 'cargo-tuf-evidence';

export function formatEvidence({ metadata, roots, states, leaf, changes = [] }: Evidence): Uint8Array {
  const members: [string, JsonValue][] = [
    ['_type', TYPE],
    ['format', 1],
    ['metadata', metadata],
    ['roots', roots.map(encodeBase64)],
    ['states', states.map(formatState)],
  ];
  if (leaf !== undefined) {
    members.push(
      ['map', leaf.map],
      ['name', leaf.name],
      ['proofs', leaf.proofs.map(proof => encodeBase64(encodeProof(proof)))],
    );
  }
  if (changes.length > 0) members.push(['changes', changes.map(encodeBase64)]);
  return formatContainer(members);
}

/** Throws `AUDIT_EVIDENCE`, and what the readers of its parts throw. Nothing of it is verified. */
export function parseEvidence(bytes: Uint8Array): Evidence {
  const value = parseContainer(bytes);
  if (value.get('_type') !== TYPE || value.get('format') !== 1) throw malformed('format');
  const metadata = value.get('metadata');
  const [roots, states, proofs] = [value.get('roots'), value.get('states'), value.get('proofs')];
  const [map, name] = [value.get('map'), value.get('name')];
  if (metadata !== 'json' && metadata !== 'dsse') throw malformed('metadata');
  if (!Array.isArray(roots) || roots.length === 0) throw malformed('roots');
  if (!Array.isArray(states) || states.length === 0 || states.length > 2) throw malformed('states');
  const changes = value.get('changes') ?? [];
  if (!Array.isArray(changes) || changes.length > CHANGES || (changes.length === 0 && value.has('changes')))
    throw malformed('changes');
  const evidence = {
    metadata,
    roots: roots.map(each => bytesOf(each, 'roots')),
    states: states.map(parseState),
    ...(changes.length > 0 && { changes: changes.map(each => bytesOf(each, 'changes')) }),
  } as const;
  const others = 5 + (changes.length > 0 ? 1 : 0);
  if (proofs === undefined && map === undefined && name === undefined && value.size === others)
    return evidence;
  if (!Array.isArray(proofs) || proofs.length !== states.length || value.size !== others + 3)
    throw malformed('proofs');
  if ((map !== 'crates' && map !== 'claims') || typeof name !== 'string') throw malformed('name');
  return {
    ...evidence,
    leaf: { map, name, proofs: proofs.map(each => decodeProof(bytesOf(each, 'proofs'))) },
  };
}

/** One file of each span. */
const CHANGES = 3;
