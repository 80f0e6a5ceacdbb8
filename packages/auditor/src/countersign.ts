import type { Signer } from '@cargo-tuf/keys';
import { formatAudit, formatKey, type MapRoot, signEnvelope } from '@cargo-tuf/metadata';
import type { VerifiedState } from './signed-state.ts';

export interface Countersignature {
  /** The id under which root lists the key, or would; 64 hex digits. The file is `audits/<key id>.json`. */
  readonly keyId: string;
  /** Whether root lists the key: no client looks at an audit by any other. */
  readonly listed: boolean;
  readonly bytes: Uint8Array;
}

/** Signs that a state was followed to. The caller has looked at it (`lookAt`) and found nothing. `expires`: milliseconds since 1970. */
export async function countersign(
  state: VerifiedState,
  signer: Signer,
  expires: number,
): Promise<Countersignature> {
  const { reading, root } = state.trusted;
  const { identity } = signer.publicKey;
  const listed = [...(root.value.auditors?.keys ?? [])].find(
    ([, key]) => key.publicKey?.identity === identity,
  );
  const keyId = listed?.[0] ?? formatKey(signer.publicKey, reading.format).keyId;
  const { crates, claims, repository, version } = state;
  const signed = formatAudit({
    version,
    expires,
    repository,
    crates: mapRoot(crates),
    claims: mapRoot(claims),
  });
  const bytes = await signEnvelope(signed, [signer], { ...reading, keyIdOf: () => keyId });
  return { keyId, listed: listed !== undefined, bytes };
}

/** Without the files of changes, which the auditor compared and does not repeat. */
function mapRoot({ root, version, size }: MapRoot): MapRoot {
  return { root, version, size };
}
