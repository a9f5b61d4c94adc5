/** Thrown for anything from outside that can't be used. The message is one sentence for the user that names what is wrong. */
export class Refused extends Error {
  override readonly name = 'Refused'
}
