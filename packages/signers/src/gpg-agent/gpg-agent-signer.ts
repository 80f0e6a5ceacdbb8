// A signer whose key gpg-agent holds: in its folder, on an OpenPGP card, or of another machine whose socket was forwarded.
// The agent signs digests, so this signs what OpenPGP signs: the SHA-256 or SHA-512 of a document with its trailer, which is
// what `signDetached` of `@cargo-tuf/openpgp` gives to a signer. It asks for passphrases and touches itself.

import { type PublicKey, type Signer, signVerified } from '@cargo-tuf/keys';
import { fail } from '../errors.ts';
import { parseAgentSignature } from './agent-signature.ts';
import { connectAgent } from './agent-socket.ts';
import { type AssuanAnswer, AssuanConnection } from './assuan.ts';
import { keygripOf } from './keygrip.ts';
import type { Environment } from './program.ts';

export interface GpgAgentOptions {
  /** The absolute path of the agent's socket. Default: the one that `gpgconf --list-dirs agent-socket` names. */
  readonly socket?: string;
  /** Where PATH, HOME, GNUPGHOME and the terminal are read. Default: the process's own. */
  readonly environment?: Environment;
  /** What the agent says when it asks for a passphrase. */
  readonly description?: string;
}

/** The signer of an Ed25519 key that the agent has. Throws `SIGNER_AGENT_MISSING`, `SIGNER_AGENT_KEY`, `SIGNER_SCHEME`. */
export async function openGpgAgentSigner(
  publicKey: PublicKey,
  options: GpgAgentOptions = {},
): Promise<Signer> {
  if (publicKey.scheme !== 'ed25519')
    throw fail('SIGNER_SCHEME', `gpg-agent: key of ${publicKey.scheme}, expected ed25519`);
  const keygrip = keygripOf(publicKey);
  await withAgent(options, async agent => accept(await agent.command(`HAVEKEY ${keygrip}`), keygrip));
  const unverified: Signer = {
    publicKey,
    sign: digest => {
      const hash = HASHES.get(digest.length);
      if (hash === undefined) {
        throw fail(
          'SIGNER_DIGEST',
          `gpg-agent: ${digest.length} bytes to sign, expected a digest of 32 or 64`,
        );
      }
      return withAgent(options, agent => signDigest(agent, keygrip, hash, digest, options));
    },
  };
  // Never a signature that was not verified: the agent derives nothing of what it is told (RUSTSEC-2022-0093).
  return { publicKey, sign: async digest => signVerified(unverified, digest) };
}

const HASHES: ReadonlyMap<number, string> = new Map([
  [32, 'sha256'],
  [64, 'sha512'],
]);

async function signDigest(
  agent: AssuanConnection,
  keygrip: string,
  hash: string,
  digest: Uint8Array,
  { environment = process.env, description }: GpgAgentOptions,
): Promise<Uint8Array> {
  for (const line of terminalOptions(environment)) accept(await agent.command(line), keygrip);
  accept(await agent.command(`SIGKEY ${keygrip}`), keygrip);
  if (description !== undefined)
    accept(await agent.command(`SETKEYDESC ${escapeDescription(description)}`), keygrip);
  const digits = Buffer.from(digest).toString('hex').toUpperCase();
  accept(await agent.command(`SETHASH --hash=${hash} ${digits}`), keygrip);
  return parseAgentSignature(accept(await agent.command('PKSIGN'), keygrip).data);
}

async function withAgent<T>(
  { socket, environment = process.env }: GpgAgentOptions,
  work: (agent: AssuanConnection) => Promise<T>,
): Promise<T> {
  const agent = new AssuanConnection(await connectAgent(socket, environment));
  try {
    accept(await agent.greeting(), '');
    return await work(agent);
  } finally {
    agent.close();
  }
}

/** Where the agent's pinentry can ask the user, as gpg tells it. */
function terminalOptions(environment: Environment): readonly string[] {
  return TERMINAL.flatMap(([option, name]) => {
    const value = environment[name];
    return value !== undefined && /^[!-~]{1,256}$/.test(value) ? [`OPTION ${option}=${value}`] : [];
  });
}

const TERMINAL: readonly (readonly [option: string, variable: string])[] = [
  ['ttyname', 'GPG_TTY'],
  ['ttytype', 'TERM'],
  ['display', 'DISPLAY'],
  ['xauthority', 'XAUTHORITY'],
  ['lc-ctype', 'LC_CTYPE'],
  ['lc-messages', 'LC_MESSAGES'],
];

/** Spaces are plus signs, and what else is not a letter or a digit two hex digits. */
function escapeDescription(text: string): string {
  const bytes = Array.from(Buffer.from(text.slice(0, 120), 'utf8'), byte => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0').toUpperCase()}`;
  });
  return bytes.join('').replaceAll('%20', '+');
}

const NO_SECRET_KEY = 17;

function accept(answer: AssuanAnswer, keygrip: string): AssuanAnswer {
  const { code, text } = answer;
  if (code === 0) return answer;
  const details = { code, keygrip };
  if (code === NO_SECRET_KEY)
    throw fail('SIGNER_AGENT_KEY', `gpg-agent: no secret key ${keygrip}`, { details });
  throw fail('SIGNER_AGENT_REFUSED', `gpg-agent: ${text}, error ${code}`, { details });
}
