// Certificates in files, as `gpg --armor --export` and `tuf-admin git key` write them.

import { escapeText } from '@cargo-tuf/errors';
import { type Certificate, OPENPGP_LIMITS, parseCertificate } from '@cargo-tuf/openpgp';
import type { Context } from '../context.ts';
import { about } from '../errors.ts';
import { readExistingFile } from '../local-file.ts';
import { resolvePath } from '../passphrase.ts';

export async function readCertificate(context: Context, file: string): Promise<Certificate> {
  const path = resolvePath(context, file);
  const bytes = readExistingFile(path, OPENPGP_LIMITS.certificateArmor);
  return about(escapeText(path), () => parseCertificate(new TextDecoder().decode(bytes)));
}

export async function readCertificates(
  context: Context,
  files: readonly string[],
): Promise<readonly Certificate[]> {
  const certificates: Certificate[] = [];
  for (const file of files) certificates.push(await readCertificate(context, file));
  return certificates;
}
