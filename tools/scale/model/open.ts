import { bestBinBits, trieShape } from '../layouts/parameters.ts';
import { cutFor } from '@cargo-tuf/merkle-snapshot';
import type { LayoutId } from '../measurements.ts';
import { Ledger } from '../population/ledger.ts';
import { modelKeys } from './keys.ts';
import { binsModel, flatModel, flatVersionsModel, tap16Model } from './list-models.ts';
import type { LayoutModel } from './model.ts';
import { type TilesFrames, tilesModel } from './tiles-model.ts';
import { TileTree } from './tile-tree.ts';
import { trieModel } from './trie-model.ts';

const SAMPLE = 2_000;

/** The models of a registry of `size` crates in every layout. */
export function openModels(size: number, seed: number, frames: TilesFrames): (id: LayoutId) => LayoutModel {
  const { nameBytes, recordBytes } = sampleOf(size, seed);
  const opened = new Map<LayoutId, LayoutModel>();
  const open = (id: LayoutId): LayoutModel => {
    switch (id) {
      case 'flat':
        return flatModel(size);
      case 'flat-versions':
        return flatVersionsModel(size);
      case 'bins-1':
        return binsModel(size, bestBinBits(size, 1), seed);
      case 'bins-1000':
        return binsModel(size, bestBinBits(size, 1_000), seed);
      case 'tap16':
        return tap16Model(size);
      case 'trie':
        return trieModel(size, trieShape(size), nameBytes, seed);
      case 'tiles':
        return tilesModel(new TileTree(modelKeys(seed, size), cutFor(size), recordBytes), seed, frames);
    }
  };
  return id => {
    const model = opened.get(id) ?? open(id);
    opened.set(id, model);
    return model;
  };
}

/** Means of a crate's name and of its leaf record (docs/pouf.md, section 5), in bytes. */
export function sampleOf(
  size: number,
  seed: number,
): { readonly nameBytes: number; readonly recordBytes: number } {
  const ledger = new Ledger(size, seed);
  const sample = Math.min(SAMPLE, size);
  let [names, integers] = [0, 0];
  for (let at = 0; at < sample; at++) {
    const crate = Math.floor((at * size) / sample);
    const { version, length } = ledger.entry(crate);
    names += ledger.name(crate).length;
    integers += varintBytes(version) + varintBytes(length);
  }
  return { nameBytes: names / sample, recordBytes: 2 + (names + integers) / sample + 32 };
}

function varintBytes(value: number): number {
  return Math.max(1, Math.ceil(Math.log2(value + 1) / 7));
}
