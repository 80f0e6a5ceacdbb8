import type { AnchorRules } from '@cargo-tuf/cargo-tuf-lib';

/** What is not as it is by default, one line each. */
export function rulesOf({ limits = {}, format = 'json', allow = [] }: AnchorRules): readonly string[] {
  return [
    ...Object.entries(limits).map(([name, value]) => `limit       ${name}=${value}`),
    ...(format === 'json' ? [] : [`format      ${format}`]),
    ...allow.map(scheme => `allow       ${scheme}`),
  ];
}
