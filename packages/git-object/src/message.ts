import { fail } from './errors.ts';

/** Throws `GIT_OBJECT_MESSAGE` for a NUL: programs in C show what stands before it, and a signature covers all. */
export function checkMessage(subject: string, message: Uint8Array): void {
  const at = message.indexOf(0);
  if (at >= 0) {
    throw fail('GIT_OBJECT_MESSAGE', `${subject}: a NUL in the message, expected none`, {
      details: { offset: at },
    });
  }
}
