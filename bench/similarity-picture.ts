import { CELL } from './self-similarity.js'

/** A square of similarities 0-1, [cell][cell], symmetric, with its name. */
export interface Square {
  readonly label: string
  readonly similarity: readonly (readonly number[])[]
}

/** From which similarity on a cell has each of the shades, the lightest first. Below the first, chance agreements show. */
const SHADES = [
  [0.15, '#bbb'],
  [0.3, '#777'],
  [0.6, '#000'],
] as const

/** Pixels: the side of a square, the space around it, and the lines of text below it. */
const SIDE = 480
const MARGIN = 24
const TEXT = 44

const MINUTE_CELLS = 60_000 / CELL

/**
 * An SVG picture of squares side by side: time goes right and down, from the first note on, and a dark place says that the
 * melody at these two times is alike. Lines parallel to the diagonal are passages that return; each square has its own scale,
 * with a tick a minute.
 */
export function similarityPicture(squares: readonly Square[]): string {
  const width = squares.length * (SIDE + MARGIN) + MARGIN
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${SIDE + MARGIN + TEXT}" font-family="sans-serif" font-size="14">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...squares.map((square, n) => drawSquare(square, n)),
    '</svg>\n',
  ].join('\n')
}

function drawSquare({ label, similarity }: Square, index: number): string {
  const cells = similarity.length
  const scale = SIDE / Math.max(1, cells)
  const ticks = Array.from({ length: Math.floor(cells / MINUTE_CELLS) + 1 }, (_, minute) => {
    const x = minute * MINUTE_CELLS * scale
    return `<path d="M${fixed(x)} ${SIDE}v5" stroke="#000"/><text x="${fixed(x)}" y="${SIDE + 17}" font-size="10" text-anchor="middle">${minute}</text>`
  })
  // Half of the square is drawn, and shown again with x and y changed for each other: half the bytes.
  const shades = SHADES.map(
    ([from, colour], n) =>
      `<path stroke="${colour}" d="${runsOf(similarity, from, SHADES[n + 1]?.[0] ?? Number.POSITIVE_INFINITY)}"/>`,
  )
  return [
    `<g transform="translate(${MARGIN + index * (SIDE + MARGIN)} ${MARGIN})">`,
    `<g transform="scale(${fixed(scale)})"><g id="half${index}">${shades.join('')}</g>`,
    `<use href="#half${index}" transform="matrix(0 1 1 0 0 0)"/></g>`,
    `<rect width="${SIDE}" height="${SIDE}" fill="none" stroke="#000"/>`,
    ...ticks,
    `<text y="${SIDE + 36}">${escaped(label)} (minutes)</text></g>`,
  ].join('')
}

/** The cells on and right of the diagonal with a similarity in [from, to), as lines through their middles, row by row. */
function runsOf(similarity: readonly (readonly number[])[], from: number, to: number): string {
  const isIn = (value: number | undefined) => value !== undefined && value >= from && value < to
  let path = ''
  for (const [y, row] of similarity.entries()) {
    for (let x = y; x < row.length; x++) {
      if (!isIn(row[x])) continue
      const start = x
      while (isIn(row[x + 1])) x++
      path += `M${start} ${y}.5h${x + 1 - start}`
    }
  }
  return path
}

const fixed = (value: number) => String(Number(value.toFixed(3)))

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
