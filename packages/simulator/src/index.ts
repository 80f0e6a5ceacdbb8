export { Attacker, flipMiddle } from './attacker.ts';
export { DAY, HOUR, SimulatedClock } from './clock.ts';
export { indexEntry } from './entries.ts';
export { forge, signedPart } from './forge.ts';
export { HonestRepository } from './honest-repository.ts';
export type { Answer, Rule } from './attacker.ts';
export type { HonestOptions } from './honest-repository.ts';
export { signPlainRepository } from './plain-repository.ts';
export type { PlainRepository } from './plain-repository.ts';
