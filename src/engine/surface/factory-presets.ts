import { type ControlChanges, untouchedMusic } from '../controls/controls.js'
import type { PresetNumber } from './commands.js'
import type { Preset } from './surface.js'

/** How the band plays together is its own affair. */
const { mode: _, ...untouched }: ControlChanges = untouchedMusic()

/** What the first keys recall until the player stores something else there: places to begin from. */
export const FACTORY_PRESETS: Readonly<Partial<Record<PresetNumber, Preset>>> = {
  1: { name: 'Untouched', controls: untouched },
  2: {
    name: 'Nocturne',
    controls: { ...untouched, density: 4, dynamics: 45, temperature: 0.9, key: 'D#', scale: 'major' },
  },
  3: { name: 'Toccata', controls: { ...untouched, density: 16, dynamics: 85, temperature: 0.95 } },
  4: {
    name: 'Melody',
    controls: { ...untouched, polyphony: 1, density: 4, register: [60, 96], temperature: 0.9 },
  },
  5: {
    name: 'Left hand',
    controls: { ...untouched, register: [21, 57], density: 4, dynamics: 60 },
  },
  6: {
    name: 'Pentatonic rain',
    controls: {
      ...untouched,
      key: 'D',
      scale: 'pentatonic',
      keyLock: true,
      register: [60, 108],
      density: 7,
      dynamics: 50,
    },
  },
}
