import cliProgress from 'cli-progress';
import { escapeText } from '@cargo-tuf/errors';
import type { Output } from './output.ts';

export interface Progress {
  step(done: number, label: string): void;
  end(): void;
}

const SILENT: Progress = { step: () => undefined, end: () => undefined };

/** A progress bar on a terminal; nothing in a pipe. It appears with the first step after a moment, so short work stays quiet. */
export function openProgress(
  { stderr, clock }: { readonly stderr: Output; readonly clock: () => number },
  title: string,
  total: number,
): Progress {
  if (!stderr.isTTY || total === 0) return SILENT;
  const bar = new cliProgress.SingleBar({
    format: `   ${title} [{bar}] {value}/{total} {label}`,
    stream: process.stderr,
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
  });
  const due = clock() + 300;
  let started = false;
  return {
    step: (done, label) => {
      if (!started && clock() < due) return;
      if (!started) bar.start(total, done, { label: '' });
      started = true;
      bar.update(done, { label: escapeText(label, 40) });
    },
    end: () => {
      if (started) bar.stop();
    },
  };
}
