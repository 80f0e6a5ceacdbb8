// What a running proxy tells a caller that knows the secret, as JSON:
//
//   {"pid":4711,"pinned":{"crates-io":1795219200000},"holds":1,"served":12,"refused":["/crates-io/index/it/oa/itoa: …"]}

import { encodeJson, isJsonObject, type JsonValue, parseJson } from '@cargo-tuf/canonical-json';

export interface ProxyStatus {
  readonly pid: number;
  /** Slug to the time of its pin, in milliseconds since 1970. */
  readonly pinned: Readonly<Record<string, number>>;
  readonly holds: number;
  readonly served: number;
  /** The latest refusals, newest last. */
  readonly refused: readonly string[];
}

export function formatStatus(status: ProxyStatus): string {
  const members: readonly [string, JsonValue][] = [
    ['pid', status.pid],
    ['pinned', new Map(Object.entries(status.pinned))],
    ['holds', status.holds],
    ['served', status.served],
    ['refused', status.refused],
  ];
  return Buffer.from(encodeJson(new Map(members))).toString('utf8');
}

/** Undefined where the bytes are no status. */
export function parseStatus(bytes: Uint8Array): ProxyStatus | undefined {
  const value = parseJson(bytes);
  if (!isJsonObject(value)) return undefined;
  const [pid, holds, served] = [value.get('pid'), value.get('holds'), value.get('served')];
  const [pinned, refused] = [value.get('pinned'), value.get('refused')];
  if (typeof pid !== 'number' || typeof holds !== 'number' || typeof served !== 'number') return undefined;
  if (!isJsonObject(pinned) || !Array.isArray(refused)) return undefined;
  const times = [...pinned].filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  const refusals = refused.filter(each => typeof each === 'string');
  return { pid, pinned: Object.fromEntries(times), holds, served, refused: refusals };
}
