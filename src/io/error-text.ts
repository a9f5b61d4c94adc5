/** What went wrong, in the words of whoever threw it. Anything may be thrown, and the types know nothing of it. */

/** The sentence of an error; of what isn't one, its text. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** Node's word for what the system refused, such as ENOENT; the error's sentence where it has none. */
export function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : messageOf(thrown)
}
