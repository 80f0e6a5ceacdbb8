// The input of a number, made from the seed and the number alone.

import { armor } from '../../packages/openpgp/test/craft.ts';
import type { Input } from './input.ts';
import { ARMOR_MUTATORS } from './mutators/armor.ts';
import { BYTE_MUTATORS } from './mutators/bytes.ts';
import { PACKET_MUTATORS, readPackets } from './mutators/packets.ts';
import { makeOwner, makeSignature, type Owner } from './mutators/signed.ts';
import { Random } from './random.ts';

const SIGNATURE = 'PGP SIGNATURE';
const KEY = 'PGP PUBLIC KEY BLOCK';
/** No choice of this is ever odd. */
const NEVER = 2 ** 31;

export interface Generated {
  readonly family: string;
  readonly input: Input;
}

const FAMILIES: Readonly<Record<string, (random: Random) => Input>> = {
  'signature: bytes': random => {
    const { owner, payload, packet } = usual(random);
    return one(owner.certificate, change(BYTE_MUTATORS, packet, random), payload);
  },
  'signature: packets': random => {
    const { owner, payload, packet } = usual(random);
    const others = readPackets(makeSignature(makeOwner(2, random, NEVER), payload, random, NEVER));
    const changed = PACKET_MUTATORS[random.pick(Object.keys(PACKET_MUTATORS))]?.(
      readPackets(packet),
      random,
      others,
    );
    return one(owner.certificate, changed ?? packet, payload);
  },
  'signature: armor': random => {
    const { owner, payload, packet } = usual(random);
    const text = change(ARMOR_MUTATORS, armor(SIGNATURE, packet), random);
    return { ...one(owner.certificate, packet, payload), signature: text };
  },
  'certificate: bytes': random => {
    const { owner, payload, packet } = usual(random);
    return one(change(BYTE_MUTATORS, owner.certificate, random), packet, payload);
  },
  'certificate: packets': random => {
    const { owner, payload, packet } = usual(random);
    const others = readPackets(makeOwner(2, random, NEVER).certificate);
    const changed = PACKET_MUTATORS[random.pick(Object.keys(PACKET_MUTATORS))]?.(
      readPackets(owner.certificate),
      random,
      others,
    );
    return one(changed ?? owner.certificate, packet, payload);
  },
  'certificate: armor': random => {
    const { owner, payload, packet } = usual(random);
    return one(change(ARMOR_MUTATORS, armor(KEY, owner.certificate), random), packet, payload);
  },
  'signed anew: certificate': random => {
    const payload = random.bytes(20);
    const owner = makeOwner(1, random, 12);
    return one(owner.certificate, makeSignature(owner, payload, random, 30), payload);
  },
  'signed anew: signature': random => {
    const payload = random.bytes(20);
    const owner = makeOwner(1, random, NEVER);
    return one(owner.certificate, makeSignature(owner, payload, random, 6), payload);
  },
  'signed anew: several': random => {
    const payload = random.bytes(20);
    const owners = [1, 2].map(number => makeOwner(number, random, 60));
    const packets = random.shuffle(owners.map(owner => makeSignature(owner, payload, random, 60)));
    return {
      payload,
      signature: armor(SIGNATURE, Buffer.concat(packets)),
      certificates: owners.map(({ certificate }) => certificate),
      threshold: 2,
    };
  },
};

export const FAMILY_NAMES: readonly string[] = Object.keys(FAMILIES);

export function generate(seed: string, number: number): Generated {
  const random = new Random(`${seed} ${number}`);
  // What is signed anew is accepted more often, and so tells more.
  const family = FAMILY_NAMES[number % FAMILY_NAMES.length] as string;
  return { family, input: (FAMILIES[family] as (typeof FAMILIES)[string])(random) };
}

function usual(random: Random): { owner: Owner; payload: Buffer; packet: Buffer } {
  const payload = random.bytes(20);
  const owner = makeOwner(1, random, NEVER);
  return { owner, payload, packet: makeSignature(owner, payload, random, NEVER) };
}

function one(certificate: string | Buffer, packets: Buffer, payload: Buffer): Input {
  return { payload, signature: armor(SIGNATURE, packets), certificates: [certificate], threshold: 1 };
}

function change<T>(
  mutators: Readonly<Record<string, (value: T, random: Random) => T>>,
  value: T,
  random: Random,
): T {
  return mutators[random.pick(Object.keys(mutators))]?.(value, random) ?? value;
}
