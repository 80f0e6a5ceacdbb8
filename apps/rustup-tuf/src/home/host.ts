import { isTriple } from '@cargo-tuf/release-channel';
import { escapeText } from '@cargo-tuf/errors';
import type { Context } from '../context.ts';
import { fail } from '../errors.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'x86_64',
  ia32: 'i686',
  arm64: 'aarch64',
  loong64: 'loongarch64',
  ppc64: 'powerpc64le',
  riscv64: 'riscv64gc',
  s390x: 's390x',
};

/**
 * The target triple of toolchains that are named without one: `RUSTUP_OVERRIDE_HOST_TRIPLE`, the `default_host_triple` of
 * settings.toml, else this machine's. Throws `INSTALL_HOST`.
 */
export function hostTriple(context: Context, ofSettings: string | undefined): string {
  const { environment } = context;
  const stated =
    ofSettings ??
    environment['RUSTUP_OVERRIDE_HOST_TUPLE'] ??
    environment['RUSTUP_OVERRIDE_HOST_TRIPLE'] ??
    machineTriple(context);
  if (isTriple(stated)) return stated;
  throw fail('INSTALL_HOST', `host: "${escapeText(stated, 60)}" is no target triple`);
}

function machineTriple({ machine: { platform, arch } }: Context): string {
  const architecture = ARCHITECTURES[arch];
  if (architecture === undefined)
    throw fail('INSTALL_HOST', `host: a processor of kind ${arch} is not known`);
  if (platform === 'linux') return `${architecture}-unknown-linux-${isGlibc() ? 'gnu' : 'musl'}`;
  if (platform === 'darwin') return `${architecture}-apple-darwin`;
  if (platform === 'win32') return `${architecture}-pc-windows-msvc`;
  if (platform === 'freebsd') return `${architecture}-unknown-freebsd`;
  throw fail('INSTALL_HOST', `host: a system of kind ${platform} is not known`);
}

/** The C library that this process runs on. */
function isGlibc(): boolean {
  const { header } = process.report.getReport() as { readonly header: Readonly<Record<string, unknown>> };
  return header['glibcVersionRuntime'] !== undefined;
}
