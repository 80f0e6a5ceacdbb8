import { config, createMessage, readKey, readSignature, verify } from 'openpgp';
import type { Oracle } from './oracle.ts';

export function openOpenPgpJs(): Oracle {
  return {
    name: 'openpgp.js',
    version: config.versionString.replace(/^.* /, ''),
    names: 'key',
    verify: async ({ payload, signature, certificates }) => {
      try {
        const { signatures } = await verify({
          message: await createMessage({ binary: payload }),
          signature: await readSignature({ armoredSignature: signature }),
          verificationKeys: await Promise.all(certificates.map(open)),
          format: 'binary',
        });
        for (const { verified } of signatures) await verified;
        return { signers: signatures.map(({ keyID }) => keyID.toHex().toUpperCase()), said: '' };
      } catch (error) {
        return { signers: undefined, said: String(error) };
      }
    },
    read: async certificate => {
      try {
        return (await open(certificate)).getFingerprint().toUpperCase();
      } catch {
        return undefined;
      }
    },
  };
}

function open(certificate: string | Buffer) {
  return typeof certificate === 'string'
    ? readKey({ armoredKey: certificate })
    : readKey({ binaryKey: certificate });
}
