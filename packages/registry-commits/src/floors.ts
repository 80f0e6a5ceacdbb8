import { fail } from './errors.ts';
import type { VerifiedRegistry } from './verified-registry.ts';

/** Lowest versions from outside, such as a file beside Cargo.lock: the memory that a fresh machine lacks. */
export interface RegistryFloors {
  readonly root?: number;
  readonly timestamp?: number;
}

/** Throws `REGISTRY_ROOT_ROLLBACK`, `REGISTRY_ROLLBACK`. */
export function assertFloors({ root, timestamp }: VerifiedRegistry, floors: RegistryFloors): void {
  assertFloor('REGISTRY_ROOT_ROLLBACK', 'root.toml', root.version, floors.root);
  assertFloor('REGISTRY_ROLLBACK', 'timestamp.toml', timestamp.version, floors.timestamp);
}

function assertFloor(
  code: 'REGISTRY_ROOT_ROLLBACK' | 'REGISTRY_ROLLBACK',
  subject: string,
  version: number,
  floor: number = 0,
): void {
  if (version >= floor) return;
  throw fail(code, `${subject}: version ${version}, expected ${floor} or higher as the floors say`, {
    details: { found: version, expected: floor },
  });
}
