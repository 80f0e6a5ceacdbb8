// worker <folder> count <times> | worker <folder> hold

import { openFolderStore } from '@cargo-tuf/folder-store';

const [, , folder = '', command = '', times = '0'] = process.argv;
const store = await openFolderStore(folder);

if (command === 'count') {
  for (let index = 0; index < Number(times); index += 1) {
    await store.exclusive(async held => {
      const { revision, documents } = await held.read();
      const count = Number(new TextDecoder().decode(documents.get('counter') ?? new Uint8Array()));
      await held.replace(revision, new Map([['counter', new TextEncoder().encode(String(count + 1))]]));
    });
  }
} else {
  await store.exclusive(async () => {
    process.stdout.write('held\n');
    await new Promise(resolve => setTimeout(resolve, 600_000));
  });
}
