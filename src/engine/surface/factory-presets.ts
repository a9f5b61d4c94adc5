import { type ControlChanges, untouchedMusic } from '../controls/controls.js'
import type { PresetNumber } from './commands.js'
import type { Preset } from './surface.js'

/** A preset leaves the mode alone: it is about how the pianist plays, not about who plays when. */
const { mode: _, ...untouched }: ControlChanges = untouchedMusic()

/** The presets that come with Rubato, until the player stores others in their places. */
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
