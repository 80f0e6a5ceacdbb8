import { homedir } from 'node:os';
import { isAbsolute, resolve } from 'node:path';

/** Where cargo and cargo-tuf keep what belongs to a user. Absolute paths. */
export interface Home {
  readonly cargoHome: string;
  /** `$CARGO_HOME/tuf` */
  readonly tuf: string;
  /** Trust anchors: one folder per registry. */
  readonly anchors: string;
  /** Trusted state: one folder per registry. */
  readonly crates: string;
  /** Trusted state of the releases. */
  readonly root: string;
}

/** Cargo's rule: `CARGO_HOME`, relative to the working directory if it must be, else `~/.cargo`. */
export function openHome(
  environment: Readonly<Record<string, string | undefined>>,
  workingFolder: string,
): Home {
  const stated = environment['CARGO_HOME'];
  const cargoHome = stated
    ? isAbsolute(stated)
      ? stated
      : resolve(workingFolder, stated)
    : resolve(environment['HOME'] || homedir(), '.cargo');
  const tuf = `${cargoHome}/tuf`;
  return { cargoHome, tuf, anchors: `${tuf}/anchors`, crates: `${tuf}/crates`, root: `${tuf}/root` };
}
