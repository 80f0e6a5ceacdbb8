/** Text from outside for a line of a log. */
export function printable(text: string): string {
  return text.slice(0, 300).replaceAll(/[^ -~]/g, '?');
}
