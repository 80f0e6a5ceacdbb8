// @ts-check
// Runs as each package's `prepack`, in its folder: the licence files of the root go into the tarball.
import { copyFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ROOT } from '../setup/environment.mjs';

export const LICENCES = ['LICENSE-MIT', 'LICENSE-APACHE'];

for (const name of LICENCES) copyFileSync(resolve(ROOT, name), resolve(name));
