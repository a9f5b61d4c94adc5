import { all } from '@tonaljs/chord-type'
import { CHORD_LIMITS, type Chord, movedTones } from '../../engine/language/chords.js'

/** Semitones of the letters of roots above C. */
const LETTERS: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 }

/** Semitones of the accidentals of a root. */
const ACCIDENTALS: Readonly<Record<string, number>> = { '': 0, '#': 1, '##': 2, b: -1, bb: -2 }

const ROOT = /^([A-G])(##?|bb?)?/
const NOTE = /^([A-G])(##?|bb?)?$/

/** The semitones above the root of each chord type, as bits, by the spellings that the dictionary has. */
const TYPES: ReadonlyMap<string, number> = new Map(
  all().flatMap(({ name, aliases, chroma }) => {
    const degrees = [...chroma].reduce((mask, bit, degree) => mask | (Number(bit) << degree), 0)
    return [name, ...aliases].map((spelling) => [spelling, degrees] as const)
  }),
)

/** Other spellings of chord types as musicians write them; each is tried on a suffix that the dictionary doesn't have. */
const SPELLINGS: readonly (readonly [written: RegExp, known: string])[] = [
  [/[(),\s]/g, ''],
  [/^(?:ø|hdim|halfdim)(?:7)?$/, 'm7b5'],
  [/^(?:mi|min|minor)(?!n)/, 'm'],
  [/^(?:Δ|\^|ma|Ma|Maj|MA|major|Major|j)7?(?=$|[#b(])/, 'maj7'],
  [/^(?:Δ|\^|ma|Ma|Maj|major|Major)(?=\d)/, 'maj'],
  [/^dom/, ''],
  [/^m(?:Δ|\^|ma|Ma|Maj)7?$/, 'mM7'],
  [/^mmaj7$/, 'mM7'],
  [/^maj6$/, '6'],
  [/^alt$/, '7alt'],
  [/^m6\/9$/, 'm69'],
]

/** Leaves a spelling as it is. */
const AS_IT_IS = [/^/, ''] as const

/** A root alone is a major triad. */
const MAJOR = 0b10010001

/** A chord, or why there is none, as a clause. */
type Read = { readonly ok: true; readonly chord: Chord } | { readonly ok: false; readonly reason: string }

/** Writes the signs of print as those that are typed. */
export function typedSigns(text: string): string {
  return text
    .replaceAll('♭', 'b')
    .replaceAll('♯', '#')
    .replaceAll('𝄫', 'bb')
    .replaceAll('𝄪', '##')
    .replaceAll('△', 'Δ')
    .replaceAll('−', '-')
    .replaceAll('º', '°')
}

/** Reads a chord symbol: a root, a chord type, and after a slash another bass. Never throws. */
export function readChord(symbol: string): Read {
  const typed = typedSigns(symbol)
  if (typed.length > CHORD_LIMITS.symbol)
    return no(`${quoted(symbol)} is longer than the symbol of a chord (${CHORD_LIMITS.symbol} signs)`)
  const root = ROOT.exec(typed)
  if (!root) return no(`${quoted(symbol)} doesn't begin with a root, A to G`)
  const rest = typed.slice(root[0].length)
  const slash = rest.lastIndexOf('/')
  const whole = degreesOf(rest)
  if (whole !== undefined || slash < 0) {
    if (whole === undefined) return no(`${quoted(symbol)} isn't a chord: ${quoted(rest)} is no chord type`)
    const tonic = pitchClass(root)
    return { ok: true, chord: { symbol: typed, tones: movedTones(whole, tonic), bass: tonic } }
  }
  const over = rest.slice(slash + 1)
  const bass = NOTE.exec(over)
  if (!bass)
    return no(
      `${quoted(symbol)} has ${over === '' ? 'no bass' : `${quoted(over)} as its bass, which is no note`}`,
    )
  const type = rest.slice(0, slash)
  const degrees = degreesOf(type)
  if (degrees === undefined) return no(`${quoted(symbol)} isn't a chord: ${quoted(type)} is no chord type`)
  const low = pitchClass(bass)
  return {
    ok: true,
    chord: { symbol: typed, tones: movedTones(degrees, pitchClass(root)) | (1 << low), bass: low },
  }
}

function no(reason: string): Read {
  return { ok: false, reason }
}

/** A piece of the user's text as a message shows it. */
export function quoted(text: string): string {
  const most = 30
  return `"${[...text].slice(0, most).join('')}${[...text].length > most ? '...' : ''}"`
}

function pitchClass([, letter = '', accidental = '']: RegExpExecArray): number {
  return ((LETTERS[letter] ?? 0) + (ACCIDENTALS[accidental] ?? 0) + 12) % 12
}

/** The semitones above the root of a chord type, as bits; undefined for an unknown one. */
function degreesOf(type: string): number | undefined {
  if (type === '') return MAJOR
  let tried = type
  for (const [written, known] of [AS_IT_IS, ...SPELLINGS]) {
    tried = tried.replace(written, known)
    const degrees = tried === '' ? undefined : TYPES.get(tried)
    if (degrees !== undefined) return degrees
  }
  return undefined
}
