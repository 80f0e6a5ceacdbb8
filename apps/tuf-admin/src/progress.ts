import { escapeText } from '@cargo-tuf/errors';
import cliProgress from 'cli-progress';
import type { Context } from './context.ts';

export interface Progress {
  step(done: number, label: string): void;
  end(): void;
}

const SILENT: Progress = { step: () => undefined, end: () => undefined };

/** A progress bar on a terminal; nothing in a pipe. Work that is done at once shows none. */
export function openProgress(context: Context, verb: string, total: number): Progress {
  if (!context.stderr.isTTY || total === 0) return SILENT;
  const bar = new cliProgress.SingleBar({
    format: `   ${verb} [{bar}] {value}/{total} {label}`,
    stream: process.stderr,
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
  });
  const due = Date.now() + 300;
  let started = false;
  return {
    step: (done, label) => {
      if (!started && Date.now() < due) return;
      if (!started) bar.start(total, done, { label: '' });
      started = true;
      bar.update(done, { label: escapeText(label, 40) });
    },
    end: () => {
      if (started) bar.stop();
    },
  };
}
