import { Command } from 'commander';
import { parseNumber } from '../arguments.ts';
import { type Context, print } from '../context.ts';
import { openForReading } from '../repository-folder.ts';
import { startStaticServer } from '../static-server.ts';

interface ServeOptions {
  readonly port: string;
  readonly json?: boolean;
}

export function serveCommand(context: Context): Command {
  return new Command('serve')
    .description('serve the repository on this machine, for trying it out, until interrupted')
    .argument('<dir>', 'the folder of the repository')
    .option('--port <number>', 'the port; 0 takes any free one', '4080')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  tuf-admin serve registry --port 0\n\nThe first line that it prints is its address.\n',
    )
    .action((dir: string, options: ServeOptions) => serve(context, dir, options));
}

async function serve(context: Context, dir: string, options: ServeOptions): Promise<void> {
  const port = parseNumber('--port', options.port, 0, 65_535);
  const { bytes } = await openForReading(context, dir);
  const server = await startStaticServer(bytes, port);
  // One line, so that a script can wait for it.
  if (options.json) context.stdout.write(`${JSON.stringify({ url: server.url, port: server.port })}\n`);
  else print(context, { text: [server.url], json: {} }, false);
  await stopped(context.signal);
  await server.close();
}

function stopped(signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}
