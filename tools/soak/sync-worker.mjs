// @ts-check
// One process of the soak: syncs a shared folder again and again until it is killed.
//
//   node sync-worker.mjs ROOT MIRROR FOLDER
import { readFile } from 'node:fs/promises';
import { openClient } from '@cargo-tuf/client';
import { openFolderStore } from '@cargo-tuf/folder-store';
import { openHttpSource } from '@cargo-tuf/http-transport';

const [root = '', mirror = '', folder = ''] = process.argv.slice(2);
const store = await openFolderStore(folder, {
  onDamage: error => process.send?.({ damage: `${error.code}: ${error.message}` }),
});
const source = openHttpSource({ mirrors: [mirror], proxy: false });
const client = openClient({ root: new Uint8Array(await readFile(root)), source, store, clock: Date.now });
for (;;) {
  try {
    const snapshot = await client.sync();
    await snapshot.entries(['itoa']);
    process.send?.({ versions: snapshot.versions });
  } catch (error) {
    process.send?.({ error: `${/** @type {any} */ (error).code}: ${/** @type {Error} */ (error).message}` });
  }
}
