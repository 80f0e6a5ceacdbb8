/** What the names of our sources in cargo's configuration begin with. */
export const MANAGED_PREFIX = 'cargo-tuf-';

export function isManagedSource(name: string): boolean {
  return name.startsWith(MANAGED_PREFIX);
}
