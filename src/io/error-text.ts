// Anything may be thrown in JavaScript, so a caught error is of type unknown. The functions in this file put such an error
// into words.

/** The message of an error; any other thrown value as text. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** The code of a system error, such as ENOENT; the message of an error without a code. */
export function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : messageOf(thrown)
}
