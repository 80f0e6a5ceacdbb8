import type { SignedState } from './signed-state.ts';

/**
 * What a monitor remembers of one repository: every root after the anchor, and every state that was found right, by the version
 * of its timestamp. Nothing that was added is ever changed or removed.
 */
export interface Records {
  /** In order, from the root after the anchor on. */
  roots(): Promise<readonly Uint8Array[]>;
  addRoot(version: number, bytes: Uint8Array): Promise<void>;
  /** Timestamp versions, ascending. */
  versions(): Promise<readonly number[]>;
  state(version: number): Promise<SignedState | undefined>;
  addState(version: number, state: SignedState): Promise<void>;
}
