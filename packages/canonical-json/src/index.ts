export { encodeCanonical } from './canonical.ts';
export { encodeJson } from './json.ts';
export { JSON_LIMITS } from './limits.ts';
export { parseJson } from './parse.ts';
export { isJsonObject } from './value.ts';
export type { JsonErrorCode } from './errors.ts';
export type { JsonLimits } from './limits.ts';
export type { JsonArray, JsonObject, JsonValue } from './value.ts';
