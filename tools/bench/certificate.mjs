// @ts-check
import { mkdir, readFile } from 'node:fs/promises';
import { run } from './measure.mjs';

/** A certificate of this machine that is its own authority. @param {string} folder */
export async function makeCertificate(folder) {
  await mkdir(folder, { recursive: true });
  const [key, path] = [`${folder}/key.pem`, `${folder}/certificate.pem`];
  await run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=127.0.0.1',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
    '-keyout',
    key,
    '-out',
    path,
  ]);
  return { path, key: await readFile(key, 'utf8'), cert: await readFile(path, 'utf8') };
}
