/**
 * What a path of a repository is for: `timestamp`, `snapshot`, `root`, `role` (targets and delegated roles), `entry` (below targets/),
 * `tile`, `counts`, `changes`, `bundle`, `proof` (of TAP 16); any other file by the first part of its path.
 */
export function pathClass(path: string): string {
  const role = /^metadata\/(?:\d+\.)?(.+)\.json$/.exec(path)?.[1];
  if (role?.endsWith('-snapshot')) return 'proof';
  if (role !== undefined) return ['timestamp', 'snapshot', 'root'].includes(role) ? role : 'role';
  const kind = /\.(tile|counts|changes|bundle)$/.exec(path)?.[1];
  if (kind !== undefined) return kind;
  const first = path.split('/')[0] as string;
  return first === 'targets' ? 'entry' : first;
}
