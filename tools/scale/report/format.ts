/** Crates: "250,000", "10 M". */
export function formatSize(size: number): string {
  return size >= 1_000_000 && size % 100_000 === 0 ? `${size / 1_000_000} M` : formatNumber(size);
}

export function formatNumber(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** "412 B", "8.2 kB", "1.51 MB": 1 kB is 1,000 bytes. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes, 0];
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1_000;
  return `${unit === 0 ? Math.round(value) : threeDigits(value)} ${units[unit]}`;
}

/** "3", "4.3", "1,084". */
export function formatCount(value: number): string {
  return value >= 100 || Number.isInteger(value) ? formatNumber(value) : String(Math.round(value * 10) / 10);
}

function threeDigits(value: number): string {
  return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}
