import { fail } from './errors.ts';
import { readLocalFile } from './files.ts';
import type { NetworkOptions } from './registry.ts';

const CA_BYTES = 4 * 1024 * 1024;

/** How mirrors are reached: as cargo is told to reach its registries. Throws `LIB_FILE`. */
export async function readNetworkOptions(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<NetworkOptions> {
  const proxy = environment['CARGO_HTTP_PROXY'];
  // Cargo's own variable, then OpenSSL's.
  const caFile = environment['CARGO_HTTP_CAINFO'] || environment['SSL_CERT_FILE'];
  const certificates = caFile ? { caFile, ca: await readCertificates(caFile) } : {};
  return { environment, ...(proxy && { proxy }), ...certificates };
}

async function readCertificates(path: string): Promise<string> {
  const bytes = await readLocalFile(path, CA_BYTES);
  if (bytes === undefined)
    throw fail('LIB_FILE', `${path}: no such file, but CARGO_HTTP_CAINFO or SSL_CERT_FILE names it`);
  return new TextDecoder().decode(bytes);
}
