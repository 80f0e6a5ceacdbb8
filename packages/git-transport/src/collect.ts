import type { Commands } from './commands.ts';

/**
 * Fetching keeps one pack a fetch, and git's own housekeeping is off (environment.ts): it would run behind our back. What no ref
 * leads to stays for a day, so that what another process fetches meanwhile is not taken away from it.
 */
export async function collectGarbage(commands: Commands): Promise<void> {
  const { fetchMs: milliseconds } = commands.limits;
  await commands.run({ words: ['gc', '--quiet', '--prune=1.day.ago'], milliseconds });
}
