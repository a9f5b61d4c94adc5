/** Thrown for anything from outside that can't be used; the message is one sentence that names what is wrong. */
export class Refused extends Error {
  override readonly name = 'Refused'
}
