/** The UTF-8 bytes of the UTF-16 units from `start` to `end`, which hold whole surrogate pairs only. */
export function utf8Length(text: string, start: number, end: number): number {
  let length = 0;
  for (let index = start; index < end; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) length += 1;
    else if (unit < 0x800 || isSurrogate(unit)) length += 2;
    else length += 3;
  }
  return length;
}

export function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
