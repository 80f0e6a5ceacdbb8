// timestamp.toml, one version on. What it says besides stays as it is.

import { formatTomlTimestamp, type TomlTimestamp } from '@cargo-tuf/metadata';

export function raiseTimestamp(
  before: TomlTimestamp,
  expires: number,
  above: number = before.version,
): Uint8Array {
  const { repository, document } = before;
  return formatTomlTimestamp({ version: Math.max(before.version, above) + 1, expires, repository, document });
}
