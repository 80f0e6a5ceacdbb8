// Names of refs, as `git check-ref-format` allows them, and ASCII or well-formed UTF-8:
//
//   refs/heads/main   refs/tags/root-rotation-v1-2   HEAD
//
// - "HEAD", or "refs/" and at least one component more
// - no component is empty, begins with "." or ends with ".lock"
// - no control characters, space, ~ ^ : ? * [ \ , no ".." and no "@{"
// - does not end with "."
// - no component begins with "-": it must not be taken for an option

const FORBIDDEN = /[\p{Cc}\p{Cs} ~^:?*[\\]|\.\.|@\{|\.$/u;
const LONGEST = 255;

export function isRefName(text: string): boolean {
  if (text === 'HEAD') return true;
  if (!text.startsWith('refs/') || text.length > LONGEST || FORBIDDEN.test(text)) return false;
  return text.split('/').every(part => part !== '' && !/^[.-]|\.lock$/.test(part));
}
