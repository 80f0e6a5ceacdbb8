// docs/scale-report.md and its plots, from the measurements.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Measurements } from '../measurements.ts';
import { sampleOf } from '../model/open.ts';
import { groupsOfRealProject, multiproofTable, packingTable } from './beyond.ts';
import { Book } from './book.ts';
import { deviationsTable } from './deviations.ts';
import { formatBytes, formatCount, formatNumber, formatSize } from './format.ts';
import { goalsTable } from './goals.ts';
import { measuredLatencyTable, modelledLatencyTable } from './latency-table.ts';
import { plotsOf } from './plots.ts';
import { checkTable, DEPENDENCIES, plural, publishTable, storageTable, uniformTable } from './tables.ts';
import { winnersList } from './winners.ts';

export async function writeReport(
  measurements: Measurements,
  modelled: readonly number[],
  out: string,
): Promise<void> {
  const book = new Book(measurements, modelled);
  const folder = `${dirname(out)}/scale`;
  await mkdir(folder, { recursive: true });
  for (const [name, svg] of plotsOf(book)) await writeFile(`${folder}/${name}`, svg);
  await writeFile(out, formatReport(book));
}

function formatReport(book: Book): string {
  const checks = book.sizes.flatMap(size => [
    `### ${formatSize(size)} crates${book.isMeasured(size) ? '' : ' (model)'}`,
    checkTable(book, size, 'cold', DEPENDENCIES),
  ]);
  const later = book.sizes.flatMap(size =>
    ([1, 10, 100, 1_000] as const).flatMap(dependencies => [
      `### ${formatSize(size)} crates, ${plural(dependencies, 'dependency', 'dependencies')}`,
      checkTable(book, size, book.publishes, [dependencies]),
    ]),
  );
  return `${[
    '# What verifying a registry costs, by its size',
    '<!-- Written by `npm run scale`; the numbers are in scale/measurements.json. -->',
    answer(book),
    '## How it was measured',
    method(book),
    '## Goals',
    goalsTable(book),
    '## First check',
    "Bytes / requests / rounds. The fewest bytes of a column are **bold**; *italics* are the model's.",
    '![First check of one dependency](scale/first-1.svg)',
    '![First check of 1,000 dependencies](scale/first-1000.svg)',
    ...checks,
    '## Later check',
    laterText(),
    '![Check after publishes](scale/later.svg)',
    ...later,
    '### Ours, with popular and with uniform draws',
    uniformTable(book, book.sizes),
    '## What the registry writes',
    'Bytes / files for one snapshot, uncompressed, without index entries and archives.',
    '![Written for one publish](scale/publish.svg)',
    publishTable(book),
    '### In a day',
    'With a snapshot a minute, if nothing is deleted. Replaced tiles may be deleted once no client needs their snapshot.',
    storageTable(book),
    '## Time',
    'Measured: our client on loopback, each answer a round trip after its request, on HTTP/1.1 with 16 connections and on one of HTTP/2. ' +
      'Opening connections takes one more round trip, with TLS two; loopback has no limit of bytes. Client and mirror share one process, and the machine was busy with other work, so these times are upper bounds. Beside it: round trips alone, from the counted rounds.',
    measuredLatencyTable(book),
    'Modelled for every layout: round trips, 16 or 64 requests at once, and bytes at 50 Mbit/s.',
    '![Time of a first check](scale/latency.svg)',
    '### First check, 1 dependency',
    modelledLatencyTable(book, 1, 0),
    '### First check, 1,000 dependencies',
    modelledLatencyTable(book, 1_000, 0),
    '### 1,000 dependencies, 100 publishes later',
    modelledLatencyTable(book, 1_000, 100),
    '## Where another layout needs fewer bytes',
    winnersList(book),
    '## The model',
    'The model of our layout cuts a tree of evenly spread keys into tiles by the same rule; lengths of roles are those of the smallest registry that was measured. ' +
      'The others are formulas; the constants of those with JSON were fitted to the measurements of up to a million crates, so that these deviations say nothing of how well they foretell. ' +
      'After few publishes the largest deviations are those of small counts: one dependency more or less that was published. Modelled over measured, less 1:',
    deviationsTable(book),
    '## Beyond tiles',
    ...beyond(book),
    '## Again',
    again(book),
  ].join('\n\n')}\n`;
}

function answer(book: Book): string {
  const [small, large] = [book.sizes[0] as number, book.sizes.at(-1) as number];
  const bytes = (size: number, dependencies: number, publishes: number): string =>
    formatBytes(book.check({ size, layout: 'tiles', dependencies, publishes }).bytes);
  const factor = Math.round(large / small);
  return `RFC 3724 leaves open whether checking for updates and downloading them "needs a large and growing amount of data". With the map of this
project (docs/pouf.md, section 5) it does not. From ${formatSize(small)} to ${formatSize(large)} crates, ${formatNumber(factor)} times as many, a first check

* of one dependency goes from ${bytes(small, 1, 0)} to ${bytes(large, 1, 0)},
* of 1,000 dependencies from ${bytes(small, 1_000, 0)} to ${bytes(large, 1_000, 0)};

a check of 1,000 dependencies 100 publishes later takes ${bytes(small, 1_000, 100)} and ${bytes(large, 1_000, 100)}. (The difference is chance: each dependency that was published
adds the tiles on its path, and in the drawn series a large registry had none.) Versions of crates do not count: the map has one leaf a
crate, so ten or a hundred times as many versions make index entries longer, and a leaf by a byte or two. What grows with the number of
publishes is what a registry writes, and that by the publish, not by the crate.`;
}

function method(book: Book): string {
  const { machine, seed } = book.measurements;
  const means = book.sizes.map(size => sampleOf(size, seed).nameBytes.toFixed(1));
  const names = `${means[0]} (${formatSize(book.sizes[0] as number)} crates) to ${means.at(-1)}`;
  return `* **Registries** are made up from a number (seed ${seed}): names with a mean of ${names} characters, index entries with log-normal
  lengths and a mean of 3.3 kB. Lock files follow Zipf's law with an exponent of 0.95, publishes with one of 0.3 (popular crates are published
  more often); "uniform" draws all crates alike. Numbers are means of 20, 10, 5 and 3 lock files of 1, 10, 100 and 1,000 dependencies.
* **Measured** means: a published registry, a server on loopback that counts the bodies it sends, and a client that verifies what it gets and
  is checked against the registry. Ours are the publisher and the client of this repository; TAP 15 is read by the same client; a flat list, the
  trie and TAP 16 have small readers in \`tools/scale\`. The client's count of requests is compared with the server's in every check.
* **Bytes** are bodies of the snapshot layer: timestamp, snapshot, roles, proofs, tiles and whatever else is asked for before an index entry
  is. JSON goes with gzip (level 6) in all layouts but ours, whose client unpacks nothing that is not verified. Headers come on top
  and were not counted.
* **Requests** count the one for the next root, which is answered with 404.
* **Rounds** are requests that each need an answer of the round before; what can be asked for side by side is.
* **Layouts**: *flat, length and hash*: one targets role with every index entry. *flat, versions*: snapshot.json with a version a crate, and
  a signed role file for each dependency. *TAP 15*: succinct hash bins, with as many bins as make the fewest bytes for 1 and for 1,000
  dependencies; the snapshot states their versions. *TAP 16, literal*: a proof file and a role file for each dependency. *Trie*: the Cargo team's
  experiment, content-addressed arrays of hashes above sorted lists, with a signed root. Flat lists, TAP 16 and the trie have fewer
  roles than ours: no claims, no separate key for the index.
* Proof files of TAP 16 are made when they are asked for, and what a publish writes of them is the length of a sample of 1,000 times the
  number of crates.
* ${machine}.`;
}

function laterText(): string {
  return `By a client that was up to date before. 10 publishes come in 10 snapshots, 100 in 60 (an hour with one a minute), 1,000 in 120 and 10,000 in
180. These are one drawn series of publishes and a few lock files: where few crates change, chance decides whether a dependency is among them, and each one
that is adds the tiles on its path. A cell without any (four requests of ours) is no upper bound. A client that has nothing takes as much as in the tables above, whatever was published.`;
}

function beyond(book: Book): string[] {
  const { crates, groups } = groupsOfRealProject();
  return [
    '### A proof service that needs no trust',
    `A server that holds the tree can cut one proof for all dependencies of a client, which checks it against the signed root like any tile.
It brings the fewest bytes, and a first check in the rounds of the roles and one more. It costs a program that answers each client apart (no cache
has the answer twice), and a server that learns the lock file. Tiles stay the source: who does not want the service asks for them.
First checks with 2 bits a node, a hash for what is not wanted, and leaf records:`,
    multiproofTable(book),
    '### Packing the upper tiles',
    `The root's tile and those below it as one file beside the timestamp. It saves a round, and many requests where there are many dependencies. It costs the
whole pack at every snapshot, for a client and for the registry, where without it only the changed tiles are new:`,
    packingTable(book),
    '### Locality',
    `With a key whose first 16 bits come from the text before the first \`-\` or \`_\`, crates of one family share their tiles. The ${formatNumber(crates)} crates of a real
project (\`tools/fixtures/debian-crates.txt\`) are ${formatNumber(groups)} families, so it saves at most ${formatCount(Math.round((100 * (crates - groups)) / crates))} % of the requests for buckets, and no more than that of their bytes.
It costs the even spread: families of thousands make deep subtrees, anyone can make one deeper by publishing under its name, and the
model above no longer says how many bytes a check takes.`,
  ];
}

function again(book: Book): string {
  const seconds = Object.entries(book.measurements.seconds);
  const bySize = book.sizes
    .filter(size => book.isMeasured(size))
    .map(size => {
      const own = seconds.filter(([run]) => run.startsWith(`${size} `));
      const total = own.reduce((sum, [, each]) => sum + each, 0);
      return `${formatSize(size)} crates: ${formatNumber(total / 60)} min (${own.map(([run, each]) => `${run.split(' ')[1]} ${each} s`).join(', ')})`;
    });
  return `\`npm run scale -- --sizes 250000,1000000\` measures and writes this report; \`--render\` writes it from the measurements that are there;
\`--layouts tiles\` measures one layout again. \`--help\` has the rest. On this machine a run takes:

${bySize.map(line => `* ${line}`).join('\n')}`;
}
