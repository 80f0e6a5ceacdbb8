/** The part of cli-progress that is used here; it carries no types of its own. */
declare module 'cli-progress' {
  interface BarOptions {
    readonly format: string;
    readonly stream: NodeJS.WritableStream;
    readonly barsize: number;
    readonly hideCursor: boolean;
    readonly clearOnComplete: boolean;
  }
  class SingleBar {
    constructor(options: BarOptions);
    start(total: number, value: number, payload: Readonly<Record<string, string>>): void;
    update(value: number, payload: Readonly<Record<string, string>>): void;
    stop(): void;
  }
  const cliProgress: { readonly SingleBar: typeof SingleBar };
  export default cliProgress;
}
