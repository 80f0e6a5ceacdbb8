// The `config.json` of an index.
//
//   {"dl":"https://static.crates.io/crates","api":"https://crates.io","auth-required":false}

import {
  encodeJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@cargo-tuf/canonical-json';
import { isTufError } from '@cargo-tuf/errors';
import { checkDownloadTemplate, checkRegistryUrl } from './download-template.ts';
import { fail } from './errors.ts';
import { flagField, optionalText, textField } from './fields.ts';
import { INDEX_LIMITS } from './limits.ts';

export interface RegistryConfig {
  /** Download template; see `expandDownloadTemplate`. */
  readonly dl: string;
  /** Base URL of the publish API; absent: the registry cannot be published to. */
  readonly api?: string;
  readonly authRequired: boolean;
}

/** Unknown fields are ignored, as cargo does. Throws `INDEX_CONFIG`, `INDEX_FIELD`, `INDEX_TEMPLATE`. */
export function parseRegistryConfig(bytes: Uint8Array): RegistryConfig {
  const object = parseObject(bytes);
  const api = optionalText(object, 'api');
  if (api !== undefined) checkRegistryUrl('api', api);
  return {
    dl: checkDownloadTemplate(textField(object, 'dl')),
    ...(api === undefined ? {} : { api }),
    authRequired: flagField(object, 'auth-required', false),
  };
}

/** `auth-required` is written only when true. Throws as `parseRegistryConfig` does. */
export function formatRegistryConfig(config: RegistryConfig): Uint8Array {
  const object = new Map<string, JsonValue>([['dl', config.dl]]);
  if (config.api !== undefined) object.set('api', config.api);
  if (config.authRequired) object.set('auth-required', true);
  const bytes = encodeJson(object, { indent: 2 });
  parseRegistryConfig(bytes);
  return bytes;
}

function parseObject(bytes: Uint8Array): JsonObject {
  if (bytes.length > INDEX_LIMITS.configBytes) {
    throw fail('INDEX_LIMIT', `config.json: ${bytes.length} bytes, at most ${INDEX_LIMITS.configBytes}`, {
      details: { length: bytes.length, limit: INDEX_LIMITS.configBytes },
    });
  }
  try {
    const value = parseJson(bytes);
    if (isJsonObject(value)) return value;
  } catch (cause) {
    if (!isTufError(cause)) throw cause;
    throw fail('INDEX_CONFIG', `config.json: ${cause.message}`, { cause, details: { ...cause.details } });
  }
  throw fail('INDEX_CONFIG', 'config.json: not a JSON object');
}
