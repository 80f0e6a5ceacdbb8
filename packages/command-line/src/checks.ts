import { escapeText, isTufError } from '@cargo-tuf/errors';
import { type Output, print, printJson } from './output.ts';

/** One line of a `doctor`. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly result: string;
}

/** Runs checks, one after the other. An error of ours is a check that fails; any other is thrown. */
export class Checks {
  readonly results: Check[] = [];

  async run(name: string, work: () => Promise<string>): Promise<void> {
    try {
      this.results.push({ name, ok: true, result: await work() });
    } catch (error) {
      if (!isTufError(error)) throw error;
      const result = `${escapeText(error.message, 2000)} [${error.code}]; ${escapeText(error.hint, 2000)}`;
      this.results.push({ name, ok: false, result });
    }
  }

  /** Gives the exit code. */
  print(context: { readonly stdout: Output }, asJson: boolean | undefined): number {
    if (asJson) printJson(context, this.results);
    else
      for (const { name, ok, result } of this.results)
        print(context, `${ok ? 'ok  ' : 'FAIL'} ${name}: ${result}`);
    return this.results.every(check => check.ok) ? 0 : 1;
  }
}
