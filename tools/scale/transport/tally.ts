import { pathClass } from './path-class.ts';

export interface Count {
  /** Requests, or files that were written. */
  readonly files: number;
  /** Bytes of bodies, as sent or as written. */
  readonly bytes: number;
}

/** Files and bytes by the class of their path. */
export class Tally {
  readonly #classes = new Map<string, Count>();

  add(path: string, bytes: number, files = 1): void {
    const name = pathClass(path);
    const known = this.#classes.get(name);
    this.#classes.set(name, {
      files: (known?.files ?? 0) + files,
      bytes: (known?.bytes ?? 0) + bytes,
    });
  }

  /** What was counted since the last call. */
  take(): Readonly<Record<string, Count>> {
    const counted = Object.fromEntries(this.#classes);
    this.#classes.clear();
    return counted;
  }
}

/** All classes together, without the entries: they are below the snapshot layer. */
export function snapshotLayer(classes: Readonly<Record<string, Count>>): Count {
  const counted = Object.entries(classes).filter(([name]) => name !== 'entry');
  return {
    files: counted.reduce((sum, [, { files }]) => sum + files, 0),
    bytes: counted.reduce((sum, [, { bytes }]) => sum + bytes, 0),
  };
}
