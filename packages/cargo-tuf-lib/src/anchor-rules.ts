// What an anchor says about how its repository is read, beside the root: members of anchor.json that are left out where
// they say what holds anyway.
//
//   "allow":["rsa-pkcs1v15-sha256"],"limits":{"targets":60000000},"metadata_format":"dsse"

import { isJsonObject, type JsonObject, type JsonValue } from '@cargo-tuf/canonical-json';
import { type ClientOptions, type Reading, trustRoot, type TrustedMetadata } from '@cargo-tuf/client';
import { escapeText } from '@cargo-tuf/errors';
import type { Allowance, Format } from '@cargo-tuf/metadata';
import { type AnchorLimits, clientLimits, verifyLimits } from './anchor-limits.ts';
import { fail } from './errors.ts';
import type { AnchorKind } from './mirrors.ts';

export interface AnchorRules {
  /** By name; what is not named has its default. */
  readonly limits?: AnchorLimits;
  /** The format of every file of metadata; JSON unless given. */
  readonly format?: Format;
  /** What is read in this repository though it is read nowhere else. */
  readonly allow?: readonly Allowance[];
}

/** Throws `LIB_ARGUMENT` for what is neither "json" nor "dsse". */
export function parseFormat(text: string): Format {
  if (text === 'json' || text === 'dsse') return text;
  throw fail('LIB_ARGUMENT', `format: "${escapeText(text)}" is unknown, expected json or dsse`);
}

const ALLOWANCES: readonly Allowance[] = ['rsa-pkcs1v15-sha256', 'fractional-seconds'];

/** Throws `LIB_ARGUMENT` for what cannot be allowed. */
export function parseAllowance(text: string): Allowance {
  const allowance = ALLOWANCES.find(each => each === text);
  if (allowance !== undefined) return allowance;
  throw fail('LIB_ARGUMENT', `allow: "${escapeText(text)}", expected one of ${ALLOWANCES.join(', ')}`);
}

/** The rules that say something; a copy of them that is checked. Throws `LIB_LIMIT`, `LIB_ARGUMENT`. */
export function verifyRules(
  { limits = {}, format = 'json', allow = [] }: AnchorRules,
  kind: AnchorKind = 'tuf',
): AnchorRules {
  if (kind === 'git' && (format !== 'json' || allow.length > 0))
    throw fail('LIB_ARGUMENT', 'format and allow: of a signed git index there are none to choose');
  return {
    ...(Object.keys(limits).length > 0 && { limits: verifyLimits(limits, kind) }),
    ...(parseFormat(format) !== 'json' && { format }),
    ...(allow.length > 0 && { allow: [...new Set(allow.map(parseAllowance))] }),
  };
}

export function formatRules({
  limits,
  format,
  allow,
}: AnchorRules): readonly (readonly [string, JsonValue])[] {
  return [
    ...(limits ? [['limits', new Map(Object.entries(limits))] as const] : []),
    ...(format ? [['metadata_format', format] as const] : []),
    ...(allow ? [['allow', allow] as const] : []),
  ];
}

/** Throws `LIB_LIMIT`, `LIB_ARGUMENT`. */
export function parseRules(anchor: JsonObject, kind: AnchorKind): AnchorRules {
  const limits = anchor.get('limits') ?? new Map();
  const allow = anchor.get('allow') ?? [];
  const format = anchor.get('metadata_format') ?? 'json';
  if (!isJsonObject(limits) || !Array.isArray(allow)) {
    throw fail('LIB_ARGUMENT', 'limits or allow: of another shape, expected an object and a list');
  }
  return verifyRules(
    {
      limits: Object.fromEntries([...limits].map(([name, value]) => [name, numberOf(value)])),
      format: parseFormat(textOf(format)),
      allow: allow.map(each => parseAllowance(textOf(each))),
    },
    kind,
  );
}

/** The options of a client that keeps to the rules. */
export function clientRules({
  limits = {},
  format,
  allow,
}: AnchorRules): Pick<ClientOptions, 'limits' | 'metadataLimits' | 'jsonLimits' | 'format' | 'allow'> {
  return { ...clientLimits(limits), ...(format && { format }), ...(allow && { allow }) };
}

/** The root of an anchor, verified as its rules say. */
export function trustAnchorRoot(root: Uint8Array, rules: AnchorRules): TrustedMetadata {
  const { format = 'json', allow = [] } = rules;
  const { metadataLimits, jsonLimits } = clientLimits(rules.limits ?? {});
  const reading: Reading = { format, allow, limits: metadataLimits, json: jsonLimits };
  return trustRoot(root, reading);
}

const numberOf = (value: JsonValue): number => (typeof value === 'number' ? value : Number.NaN);
const textOf = (value: JsonValue): string => (typeof value === 'string' ? value : '');
