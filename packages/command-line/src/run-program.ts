import { exitCodeOf, formatError, isTufError, type TufError } from '@cargo-tuf/errors';
import { type Command, CommanderError } from 'commander';
import type { Output } from './output.ts';

/** How a program tells of errors. */
export interface ProgramFrame {
  /** Stands before each line. */
  readonly name: string;
  readonly stderr: Output;
  /** The stack of an error that is none of ours is shown too. */
  readonly trace: boolean;
  /** The error of that program for arguments that it does not take. */
  usage(message: string): TufError;
}

/** What a command leaves behind: the exit code of a program that it ran, or our own. */
export interface Outcome {
  exitCode: number;
}

/** Runs a program's work and gives the exit code; what it throws is told with its code and its hint. */
export async function runProgram(frame: ProgramFrame, work: () => Promise<number>): Promise<number> {
  const { name, stderr, trace } = frame;
  try {
    return await work();
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      const usage = usageOf(frame, error);
      stderr.write(formatError(name, usage));
      return exitCodeOf(usage);
    }
    stderr.write(formatError(name, error));
    if (trace && !isTufError(error)) stderr.write(`${String((error as Error).stack)}\n`);
    return exitCodeOf(error);
  }
}

function usageOf(frame: ProgramFrame, { code, message }: CommanderError): TufError {
  if (code === 'commander.help') return frame.usage('command: none given');
  return frame.usage(`arguments: ${message.replace(/^error: /, '')}`);
}

/** Commands by name, each loaded when it is asked for: most of the time that a short command takes is spent loading. */
export type LazyCommands<Arguments extends readonly unknown[]> = Readonly<
  Record<string, () => Promise<(...args: Arguments) => Command>>
>;

/** Adds commands to a program, with its settings. */
export async function addCommands<Arguments extends readonly unknown[]>(
  program: Command,
  commands: LazyCommands<Arguments>,
  names: readonly string[],
  ...args: Arguments
): Promise<void> {
  for (const name of names) {
    const create = await commands[name]?.();
    if (create === undefined) throw new TypeError(`${name}: no such command`);
    const command = create(...args);
    inheritSettings(command, program);
    program.addCommand(command);
  }
}

function inheritSettings(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inheritSettings(child, command);
}
