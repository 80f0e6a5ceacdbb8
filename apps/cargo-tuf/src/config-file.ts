import type { Context } from './context.ts';

/** The configuration file that `enable` writes: the user's, or the project's. */
export function configFile(context: Context, project: boolean): string {
  return project ? `${context.workingFolder}/.cargo/config.toml` : `${context.home.cargoHome}/config.toml`;
}
