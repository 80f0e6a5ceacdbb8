/** What a command leaves behind: cargo's exit code, or our own. */
export interface Outcome {
  exitCode: number;
}
