import cliProgress from 'cli-progress';
import { escapeText } from '@cargo-tuf/errors';
import type { Context } from './context.ts';

export interface FileProgress {
  begin(label: string): Bar;
  /** Takes the bars away. */
  end(): void;
}

export interface Bar {
  /** Bytes; `total` is undefined as long as no server told. */
  step(received: number, total: number | undefined): void;
  end(): void;
}

const SILENT: FileProgress = {
  begin: () => ({ step: () => undefined, end: () => undefined }),
  end: () => undefined,
};

/** A bar for each file that is downloaded or unpacked, on a terminal; nothing in a pipe. */
export function openFileProgress(context: Context): FileProgress {
  if (!context.stderr.isTTY) return SILENT;
  const bars = new cliProgress.MultiBar({
    format: '   {label} [{bar}] {mib} MiB',
    stream: process.stderr,
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
  });
  return {
    begin: label => {
      const bar = bars.create(1, 0, { label: escapeText(label, 24).padEnd(24), mib: '0.0' });
      return {
        step: (received, total) => {
          bar.setTotal(Math.max(total ?? received * 2, 1));
          bar.update(received, { mib: (received / 1024 ** 2).toFixed(1) });
        },
        end: () => void bars.remove(bar),
      };
    },
    end: () => bars.stop(),
  };
}
