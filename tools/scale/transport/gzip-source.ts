// Files over HTTP/1.1 with gzip, as web servers and clients of other layouts exchange JSON. (Ours asks for no compression: what is not
// verified yet is not unpacked.)

import { Agent, get } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Source } from '@cargo-tuf/client';

export interface GzipSource extends Source {
  close(): void;
}

export function openGzipSource(url: string, connections: number): GzipSource {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    fetch: path =>
      new Promise((resolve, reject) => {
        const request = get(`${url}${path}`, { agent, headers: { 'accept-encoding': 'gzip' } }, response => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            if (response.statusCode === 404) resolve(null);
            else if (response.statusCode === 200) resolve(gunzipSync(Buffer.concat(chunks)));
            else reject(new Error(`${path}: status ${response.statusCode}`));
          });
        });
        request.on('error', reject);
      }),
    close: () => agent.destroy(),
  };
}
