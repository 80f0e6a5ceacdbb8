// test-vectors/client is what the generator makes: `npx vitest run --project unit tools/test-vectors -u` writes it.

import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { makeVectorFile, VECTOR_FILES } from '../client/vector-files.ts';

const FOLDER = fileURLToPath(new URL('../../../test-vectors/client', import.meta.url));

it.each(VECTOR_FILES)('%s.json is made again, byte for byte', async name => {
  await expect(await makeVectorFile(name)).toMatchFileSnapshot(`${FOLDER}/${name}.json`);
});

it('the folder holds these files and their description, and no other', async () => {
  const names = [...VECTOR_FILES.map(name => `${name}.json`), 'README.md'];
  expect((await readdir(FOLDER)).sort()).toEqual(names.sort());
});
