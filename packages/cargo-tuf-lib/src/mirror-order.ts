import { isTufError, type TufError } from '@cargo-tuf/errors';

/**
 * Asks mirrors in their order until one gives what is right. When none does, a refusal for security is told before an outage:
 * somebody lies, and others being away does not change that.
 */
export async function askMirrors<T>(
  mirrors: readonly string[],
  ask: (url: string) => Promise<T>,
): Promise<T> {
  const failures: TufError[] = [];
  for (const url of mirrors) {
    try {
      return await ask(url);
    } catch (error) {
      // What is wrong with this machine is not put right by another mirror.
      if (!isTufError(error) || !OF_MIRRORS.includes(error.kind)) throw error;
      failures.push(error);
    }
  }
  throw failures.find(({ kind }) => kind !== 'unavailable') ?? failures[0];
}

const OF_MIRRORS: readonly string[] = ['security', 'malformed', 'unsupported', 'unavailable'];
