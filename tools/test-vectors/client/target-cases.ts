// Section 5.7: the target itself.

import { ABSENT, type Case } from './case-file.ts';
import { makeRoot, publish, targetPath, withFile } from './repository.ts';
import { ALL } from './search.ts';
import { offline, taken } from './steps.ts';

export async function targetCases(): Promise<readonly Case[]> {
  const contents = { 'a.txt': 'content a', 'dir/b.txt': 'content b', 'dir/c.txt': '' };
  const make = async (consistent: boolean): Promise<readonly Case[]> => {
    const anchor = await makeRoot({ consistent });
    const files = await publish({ consistent, targets: { targets: contents } });
    const path = targetPath('dir/b.txt', 'content b', consistent);
    const how = consistent ? 'with consistent snapshots' : 'without consistent snapshots';
    const wrong = (
      section: string,
      description: string,
      text: string | null,
      refused: 'hash' | 'length' | 'not-found',
    ): Case => ({
      section,
      description: `${description}, ${how}`,
      anchor,
      steps: [
        taken(withFile(files, path, text), ALL, {
          targets: { 'a.txt': 'content a', 'dir/b.txt': { refused }, 'dir/c.txt': '' },
        }),
        taken(files, ALL, { targets: { 'dir/b.txt': 'content b' } }),
        offline(ALL, { targets: contents }),
      ],
    });
    return [
      {
        section: '5.7',
        description: `several targets of one instance, ${how}`,
        anchor,
        steps: [
          taken(files, ALL, { targets: { ...contents, 'dir/absent': ABSENT, 'a.txt ': ABSENT } }),
          taken(files, ALL, { sameRefresh: true, targets: contents }),
          offline(ALL, { targets: contents }),
        ],
      },
      wrong('5.7.2', 'other bytes of the same length', 'content B', 'hash'),
      wrong('5.7.2', 'the content of another target', 'content a', 'hash'),
      wrong('5.7.2', 'a byte longer', 'content bb', 'length'),
      wrong('5.7.2', 'a byte shorter', 'content ', 'length'),
      wrong('5.7.2', 'empty', '', 'length'),
      wrong('5.7.2', 'is not there', null, 'not-found'),
    ];
  };
  return [...(await make(true)), ...(await make(false))];
}
