// Section 5.3.11: recovery from fast-forward attacks.

import type { Case, Versions } from './case-file.ts';
import { type Files, makeRoot, publish, type RootOptions, withFile } from './repository.ts';
import { offline, refused, taken } from './steps.ts';
import { keysOf } from './test-keys.ts';

const LAST_VERSION = 2 ** 53 - 1;

export async function fastForwardCases(): Promise<readonly Case[]> {
  const anchor = await makeRoot();
  const [timestamp, snapshot] = [keysOf('timestamp-b'), keysOf('snapshot-b')];
  const before = [await publish(), [1, 1, 1, 1]] as const;
  const fast = await publish({ version: 2, timestamp: { version: LAST_VERSION } });
  const fastSnapshot = await publish({ timestamp: { version: 2 }, snapshot: { version: LAST_VERSION } });
  const fastTargets = await publish({
    timestamp: { version: 2 },
    snapshot: { version: 2 },
    targets: { version: LAST_VERSION },
  });
  const rotate = async (keys: RootOptions['keys']): Promise<Record<number, string>> => ({
    2: await makeRoot({ version: 2, ...(keys && { keys }) }),
  });
  const timestampRotated = await rotate({ timestamp });
  const bothRotated = await rotate({ timestamp, snapshot });
  const recovered = (version: number, roots: Record<number, string>, signers: 'timestamp' | 'both') =>
    publish({
      version,
      roots,
      timestamp: { signers: timestamp },
      ...(signers === 'both' && { snapshot: { signers: snapshot } }),
    });
  const forgiven = (
    description: string,
    run: readonly [Files, Versions],
    files: Files,
    versions: Versions,
  ): Case => ({
    section: '5.3.11',
    description,
    anchor,
    steps: [
      taken(...before),
      taken(...run),
      // Without the rotation, the floor stands.
      refused(before[0], 'rollback', run[1], { restart: true }),
      taken(files, versions, { restart: true }),
      offline(versions),
    ],
  });
  const stale = withFile(fast, 'metadata/2.root.json', bothRotated[2] ?? '');
  return [
    forgiven(
      'a timestamp that was run up, after a rotation of its key',
      [fast, [1, LAST_VERSION, 2, 2]],
      await recovered(3, timestampRotated, 'timestamp'),
      [2, 3, 3, 3],
    ),
    forgiven(
      'a snapshot that was run up, after a rotation of the keys of timestamp and snapshot',
      [fastSnapshot, [1, 2, LAST_VERSION, 1]],
      await recovered(2, bothRotated, 'both'),
      [2, 2, 2, 2],
    ),
    forgiven(
      'targets that were run up, after a rotation of the keys of timestamp and snapshot',
      [fastTargets, [1, 2, 2, LAST_VERSION]],
      await recovered(2, bothRotated, 'both'),
      [2, 2, 2, 2],
    ),
    {
      section: '5.3.11',
      description: 'a rotation of the keys of targets forgives no timestamp',
      anchor,
      steps: [
        taken(fast, [1, LAST_VERSION, 2, 2]),
        refused(
          await publish({
            version: 3,
            roots: await rotate({ targets: keysOf('targets-b') }),
            targets: { signers: keysOf('targets-b') },
          }),
          'rollback',
          [2, LAST_VERSION, 2, null],
        ),
      ],
    },
    {
      section: '5.3.11',
      description: 'the timestamp of the old key is not accepted after the rotation',
      anchor,
      steps: [
        taken(fast, [1, LAST_VERSION, 2, 2]),
        refused(stale, 'signature-threshold', [2, null, null, 2], { restart: true }),
        taken(await recovered(3, bothRotated, 'both'), [2, 3, 3, 3], { restart: true }),
        offline([2, 3, 3, 3]),
      ],
    },
  ];
}
