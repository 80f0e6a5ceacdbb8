// @ts-check

import { encodeHex, sha256 } from '@cargo-tuf/keys';

/** @param {number} index */
export const nameOf = index => `crate${(index * 7_919).toString(36)}-${index}`;

/** @param {string} name @param {readonly string[]} versions */
export function entryOf(name, ...versions) {
  const lines = versions.map(
    vers =>
      `{"name":"${name}","vers":"${vers}","deps":[],"cksum":"${encodeHex(sha256(text(`${name} ${vers}`)))}","features":{},"yanked":false}\n`,
  );
  return text(lines.join(''));
}

/** @param {string} value */
function text(value) {
  return new TextEncoder().encode(value);
}
