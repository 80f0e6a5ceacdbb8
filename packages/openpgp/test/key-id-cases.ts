// Key ids of metadata, held against the fingerprint of the key that they are to name. The last is the RFC's own mistake.

const FINGERPRINT = '311A2D50366C8A373F6F2C9765118076C3FFF870';

export interface KeyIdCase {
  readonly description: string;
  readonly keyId: string;
  readonly fingerprint: string;
  readonly expect: string;
}

export const keyIdCases: readonly KeyIdCase[] = [
  ['of the key', `openpgp:${FINGERPRINT}`, 'ok'],
  ['without its prefix', FINGERPRINT, 'OPENPGP_KEY_ID'],
  ['in lower case', `openpgp:${FINGERPRINT.toLowerCase()}`, 'OPENPGP_KEY_ID'],
  ['short', `openpgp:${FINGERPRINT.slice(-16)}`, 'OPENPGP_KEY_ID'],
  ['with a line end', `openpgp:${FINGERPRINT}\n`, 'OPENPGP_KEY_ID'],
  ['with a space', `openpgp: ${FINGERPRINT}`, 'OPENPGP_KEY_ID'],
  ['of another key', 'openpgp:1CCC030D310C5366B5EE51A1BF3303F7F69B6027', 'OPENPGP_FINGERPRINT'],
].map(([description, keyId, expect]) => ({ description, keyId, fingerprint: FINGERPRINT, expect }));
