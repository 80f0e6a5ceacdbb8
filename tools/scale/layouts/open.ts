import type { LayoutId } from '../measurements.ts';
import { KeyOrder } from '../population/key-order.ts';
import { Ledger } from '../population/ledger.ts';
import { openBins } from './bins.ts';
import { openFlat } from './flat.ts';
import type { Layout } from './layout.ts';
import { bestBinBits, trieShape } from './parameters.ts';
import { openTap16 } from './tap16.ts';
import { openTiles } from './tiles.ts';
import { openTrie } from './trie.ts';

/** The same registry in every layout, each with a ledger of its own: what one publishes the others do not see. */
export async function openLayout(id: LayoutId, size: number, seed: number): Promise<Layout> {
  const ledger = new Ledger(size, seed);
  const time = Date.now();
  switch (id) {
    case 'flat':
      return openFlat(ledger, 'entries', time);
    case 'flat-versions':
      return openFlat(ledger, 'versions', time);
    case 'bins-1':
      return openBins(ledger, new KeyOrder(ledger), bestBinBits(size, 1), time);
    case 'bins-1000':
      return openBins(ledger, new KeyOrder(ledger), bestBinBits(size, 1_000), time);
    case 'tap16':
      return openTap16(ledger, time);
    case 'trie':
      return openTrie(ledger, new KeyOrder(ledger), trieShape(size), time);
    case 'tiles':
      return openTiles(ledger, Date.now);
  }
}
