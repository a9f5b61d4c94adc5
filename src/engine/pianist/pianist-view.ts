import type { ControlName, Controls } from '../controls/controls.js'
import type { SetBy } from '../controls/origin.js'
import { letterName, namedSections } from '../form/section-names.js'
import type { FormPlace, Snapshot, SoundingKey, TideAims } from '../surface/snapshot.js'
import { STEP_MS } from '../units.js'
import type { Pianist } from './pianist.js'

/** The part of a snapshot that the pianist alone can fill, without a clock. Allocates: meant for control surfaces. */
export function viewOf(
  pianist: Pianist,
): Pick<
  Snapshot,
  | 'paused'
  | 'stopped'
  | 'ending'
  | 'floor'
  | 'controls'
  | 'setBy'
  | 'undoable'
  | 'tide'
  | 'form'
  | 'chords'
  | 'groove'
  | 'muted'
  | 'style'
  | 'canTakeStyle'
  | 'position'
  | 'held'
  | 'heardWeights'
  | 'events'
> {
  return {
    paused: pianist.paused,
    stopped: pianist.stopped,
    ending: pianist.ending,
    floor: pianist.ensemble.floor,
    controls: pianist.controls,
    setBy: settersOf(pianist),
    undoable: pianist.changes.length,
    tide: tideAims(pianist),
    form: formPlace(pianist),
    chords: pianist.ensemble.chords.shown(pianist.position),
    groove: pianist.groove.place(pianist.position, pianist.plan.open().moment),
    muted: pianist.muted,
    style: pianist.style.name,
    canTakeStyle: pianist.style.canTake,
    position: pianist.position,
    held: pianist.ensemble.player.held(),
    heardWeights: heardWeights(pianist),
    events: pianist.events,
  }
}

/** Who set each control last; a control that the player's playing leads counts as set by the keyboard. */
function settersOf({ changes, ensemble, position }: Pianist): Snapshot['setBy'] {
  const { lead } = ensemble
  if (lead.share(position) === 0) return changes.setters
  const led: ControlName[] = []
  if (lead.weights.some((weight) => weight > 0)) led.push('pitchWeights')
  if (lead.density > 0) led.push('density')
  if (lead.loudness > 0) led.push('dynamics')
  const byKeyboard: [ControlName, SetBy][] = led.map((name) => [name, 'keyboard'])
  return { ...changes.setters, ...Object.fromEntries(byKeyboard) }
}

function tideAims({ controls, plan, form }: Pianist): TideAims | null {
  const { tide } = plan.open().moment
  const leavesKey = controls.key === 'off' && controls.pitchWeights === null
  if (!form.canFlow || !controls.tide || tide.stretch === 0 || !(leavesKey || controls.density === null))
    return null
  return { density: tide.density, ...soundingKey(tide.centre, controls) }
}

function formPlace(pianist: Pianist): FormPlace | null {
  const { controls } = pianist
  const { moment } = pianist.plan.open()
  const { form, expecting } = moment
  if (controls.memory === 0 || !moment.hasEnds || form.movement === 0) return null
  const { names, current } = namedSections(controls.form, form.place, form.letter)
  const cadence = form.cadence === 'none' ? null : 'cadence'
  return {
    movement: form.movement,
    sections: names,
    current,
    hears: cadence ?? (expecting.list === null ? null : 'theme'),
    themes: form.themes.flatMap((theme, letter) =>
      theme
        ? [
            {
              letter: letterName(letter),
              seconds: (theme.length * STEP_MS) / 1000,
              notes: theme.notes.length,
              ...soundingKey(theme.centre, controls),
            },
          ]
        : [],
    ),
    canMark: pianist.form.canMark(moment),
  }
}

/** A centre of history as the key that sounds, after transposing. */
function soundingKey(centre: number, { transpose }: Controls): SoundingKey {
  return { tonic: (centre + transpose + 24) % 12, mode: centre < 12 ? 'major' : 'minor' }
}

function heardWeights({ ensemble, position }: Pianist): readonly number[] | null {
  const { lead } = ensemble
  const { weights } = lead
  const sum = weights.reduce((total, weight) => total + weight, 0)
  if (sum === 0 || lead.share(position) === 0) return null
  return [...weights].map((weight) => weight / sum)
}
