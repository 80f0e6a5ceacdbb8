import { type HttpSource, openHttpSource } from '@cargo-tuf/http-transport';
import type { NetworkOptions } from './registry.ts';

/** Files over HTTP: from mirrors, where there are any, and by their address. Makes no request yet. */
export function openArchiveSource(
  { proxy, environment, ca, onProgress, onReject }: NetworkOptions,
  mirrors: readonly string[],
): HttpSource {
  return openHttpSource({
    mirrors,
    proxy: proxy ?? 'environment',
    allowHttp2: true,
    ...(environment && { environment }),
    ...(ca !== undefined && { ca }),
    ...(onProgress && { onProgress }),
    ...(onReject && { onReject }),
  });
}
