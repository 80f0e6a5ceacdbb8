import type { Snapshot } from '@cargo-tuf/client';
import { formatTime, type Role, type RoleKeys } from '@cargo-tuf/metadata';

/** One link of the chain from the anchor to the file. */
export interface Link {
  readonly what: string;
  readonly says: string;
}

export function roleLink(what: string, role: Role, by: string, keys: RoleKeys | undefined): Link {
  return {
    what: `${what} ${role.version}`,
    says: `signed by ${keys?.threshold} of the ${keys?.keyIds.length} keys that ${by} lists; expires ${formatTime(role.expires)}`,
  };
}

/** The roles that every chain goes through. */
export function topLevelLinks(snapshot: Snapshot): readonly Link[] {
  const root = snapshot.root.value;
  return [
    roleLink('root', root, 'it', root.roles.get('root')),
    roleLink('timestamp', snapshot.timestamp.value, 'root', root.roles.get('timestamp')),
    roleLink('targets', snapshot.targets.value, 'root', root.roles.get('targets')),
  ];
}
