// The two commands of a fresh clone: `node tools/setup/run.mjs quickstart` and `... test` (also `build`).
//
// They need Node, its npm, and git. Everything that they write stays below this folder: node_modules, dist, .cache,
// .turbo and quickstart-output. This file loads its steps late, so that an old Node prints a sentence, not a stack.
import process from 'node:process';

const OLDEST = [20, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  console.error(`setup: Node is ${process.versions.node}, expected ${OLDEST.join('.')} or later`);
  console.error('setup: install a later Node, then run the same command again');
  process.exitCode = 2;
} else {
  void import('./commands.mjs')
    .then(commands => commands.main(process.argv.slice(2)))
    .then(code => {
      process.exitCode = code;
    });
}
