/** Characters that take two cells of a terminal: East Asian wide ones and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u
/** Marks that are drawn on the character before them and take no cell. */
const NONE = /[\p{Mn}\p{Me}\p{Cf}]/u

function cellsOf(character: string): number {
  if (character < '\u0300') return 1
  return NONE.test(character) ? 0 : WIDE.test(character) ? 2 : 1
}

/** How many cells `text` takes. It must be plain: no escape sequences. */
export function textWidth(text: string): number {
  let width = 0
  for (const character of text) width += cellsOf(character)
  return width
}

/** The beginning of plain `text` that fits into `width` cells. */
export function cut(text: string, width: number): string {
  let taken = ''
  let used = 0
  for (const character of text) {
    used += cellsOf(character)
    if (used > width) break
    taken += character
  }
  return taken
}

/** Plain `text` in exactly `width` cells, cut or padded with spaces. */
export function padded(text: string, width: number): string {
  const taken = cut(text, width)
  return taken + ' '.repeat(Math.max(0, width - textWidth(taken)))
}

/** Plain `text` in lines of at most `width` cells, broken at spaces where there are any; at most `most` lines. */
export function wrap(text: string, width: number, most: number): string[] {
  const lines: string[] = []
  let rest = text.trim()
  while (rest !== '' && lines.length < most && width > 0) {
    let line = cut(rest, width)
    if (line === '') break
    const next = rest[line.length]
    if (next !== undefined && next !== ' ') {
      const space = line.lastIndexOf(' ')
      if (space > 0) line = line.slice(0, space)
    }
    lines.push(line)
    rest = rest.slice(line.length).trimStart()
  }
  return lines
}

/** Makes text from outside fit to be shown: without control characters, and in ASCII alone unless `unicode`. */
export function legible(text: string, unicode: boolean): string {
  const clean = text.replace(/\p{Cc}/gu, ' ')
  return unicode ? clean : clean.replace(/[^ -~]/gu, '?')
}
