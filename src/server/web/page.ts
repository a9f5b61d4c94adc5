import type { PresetNumber } from '../../engine/surface/commands.js'
import { formText, themeText } from '../../engine/surface/form-text.js'
import { peersText } from '../../engine/surface/link-text.js'
import type { Meters } from '../../engine/surface/meters.js'
import { mixText } from '../../engine/surface/mix-text.js'
import type { FormPlace, PlannedNote, Snapshot } from '../../engine/surface/snapshot.js'
import { styleText } from '../../engine/surface/style-text.js'
import type { ServerMessage } from '../server-messages.js'
import { createChordLine } from './chord-line.js'
import { connect, type PageMessage } from './connection.js'
import { createControlPanel } from './control-panel.js'
import { byId, make } from './elements.js'
import { createMidiOutput } from './midi-output.js'
import { listenToKeys } from './playing-keys.js'
import { createRoll } from './roll.js'
import { createServerClock } from './server-clock.js'
import { createShownNotes } from './shown-notes.js'
import { createSound } from './sound.js'

/** The page's script: sends what the buttons, controls and keys ask for, and shows and sounds what the server sends. */
const token = new URLSearchParams(location.search).get('token')
const query = token === null ? '' : `?token=${encodeURIComponent(token)}`
const clock = createServerClock()
const notes = createShownNotes()
const sound = createSound()
const midi = createMidiOutput()
let snapshot: Snapshot | undefined
let ahead: readonly PlannedNote[] = []

const state = byId('state', HTMLElement)
const playButton = byId('play', HTMLButtonElement)
const soundButton = byId('sound', HTMLButtonElement)
const midiSelect = byId('midi', HTMLSelectElement)
const canvas = byId('roll', HTMLCanvasElement)
const level = byId('level', HTMLMeterElement)

const connection = connect(`ws://${location.host}/${query}`, clock, {
  onOpen: () => {
    document.body.dataset.connected = 'yes'
  },
  onMessage: receive,
  onClosed: (retry) => {
    document.body.dataset.connected = 'no'
    ahead = []
    notes.clear()
    sound.silence()
    midi.silence()
    state.textContent = `no connection; trying again in ${(retry / 1000).toFixed(1)} s`
  },
})

function receive(message: ServerMessage): void {
  switch (message.type) {
    case 'hello':
      byId('version', HTMLElement).textContent = `version ${message.version}`
      break
    case 'snapshot':
      if (message.snapshot) showSnapshot(message.snapshot, message.meters)
      showMix(message)
      drummer.hidden = message.drums === null
      if (message.drums) drums.show(message.drums, {})
      showPresets(message.presets)
      break
    case 'notes':
      for (const sent of message.sent) {
        notes.sent(sent)
        const local = clock.toLocal(sent.source === 'performer' ? sent.due : sent.sentAt)
        sound.play(sent, local)
        midi.play(sent, local)
      }
      break
    case 'heard':
      for (const heard of message.messages) notes.heard(heard)
      break
    case 'answer':
      if (!message.ok) notice(message.reason)
      else if (message.sentence !== null) notice(message.sentence)
      break
    case 'error':
      notice(message.reason)
      break
    case 'notice':
      notice(message.sentence)
      break
    case 'missed':
      notice(`${message.messages} messages were left out: this connection is slow.`)
  }
}

function notice(sentence: string): void {
  byId('notice', HTMLElement).textContent = sentence
}

function showSnapshot(next: Snapshot, meters: Meters): void {
  snapshot = next
  ahead = next.ahead
  panel.show(next, meters.unsupported)
  const isCounting = next.countIn !== null
  const doing = isCounting
    ? `count-in ${next.countIn}`
    : next.paused
      ? 'paused'
      : next.ending
        ? 'ending'
        : next.floor === 'player'
          ? 'listening'
          : 'playing'
  state.textContent = `${doing} ${meters.output}`
  playButton.textContent = next.paused && !isCounting ? 'Play' : 'Pause'
  const { p50, p99 } = meters.lateness
  const aim =
    next.tide && next.controls.density === null ? `, aims at ${next.tide.density.toFixed(1)} notes/s` : ''
  const link = meters.linkPeers === null ? '' : `Link: ${peersText(meters.linkPeers)} · `
  byId('meters', HTMLElement).textContent =
    `${link}${meters.notes} notes${aim} · late ${p50.toFixed(2)} ms, at worst of 100 ${p99.toFixed(2)} · ` +
    `${meters.eventsPerSecond.toFixed(0)} events/s · ${meters.cpu.toFixed(0)} % CPU · ${meters.model}, ${meters.backend}`
  byId('form', HTMLElement).textContent = next.form ? describeForm(next.form) : ''
  chords.show(next.chords)
  byId('style', HTMLElement).textContent =
    next.style === null ? '' : `style: ${styleText(next.style, next.controls.styleStrength)}`
  byId('problem', HTMLElement).textContent = meters.problem ?? ''
}

/** Shows who plays along and what is heard. */
function showMix({ mix, drums, snapshot }: Extract<ServerMessage, { type: 'snapshot' }>): void {
  const isOn = mix.drummer === 'on'
  byId('mix', HTMLElement).textContent = mixText(mix, drums?.groove ?? snapshot?.groove ?? null) ?? ''
  drummerButton.hidden = mix.drummer === 'none'
  for (const button of [muteDrums, soloDrums]) button.hidden = !isOn
  press(drummerButton, mix.drummer !== 'off' && mix.drummer !== 'none')
  press(mutePiano, mix.muted.piano)
  press(muteDrums, mix.muted.drums)
  press(soloDrums, mix.solo === 'drums')
}

function press(button: HTMLButtonElement, isPressed: boolean): void {
  button.setAttribute('aria-pressed', String(isPressed))
}

const isPressed = (button: HTMLButtonElement) => button.getAttribute('aria-pressed') === 'true'

function describeForm(form: FormPlace): string {
  const place = `Movement ${form.movement}: ${formText(form)}`
  return [place, ...form.themes.map((theme) => `theme ${themeText(theme)}`)].join(' · ')
}

let shownPresets = ''

function showPresets(presets: Extract<ServerMessage, { type: 'snapshot' }>['presets']): void {
  const text = JSON.stringify(Object.entries(presets).map(([number, { name }]) => [number, name]))
  if (text === shownPresets) return
  shownPresets = text
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const satisfies readonly PresetNumber[]
  byId('presets', HTMLElement).replaceChildren(
    ...numbers.map((number) => {
      const name = presets[number]?.name
      const button = make('button', {
        type: 'button',
        textContent: name ? `${number} ${name}` : String(number),
      })
      button.setAttribute('aria-label', name ? `Preset ${number}: ${name}` : `Preset ${number}, empty`)
      button.onclick = () => {
        const storing = store.getAttribute('aria-pressed') === 'true'
        store.setAttribute('aria-pressed', 'false')
        send({ type: storing ? 'store' : 'recall', preset: number })
      }
      return button
    }),
  )
}

const send = (message: PageMessage) => connection.send(message)
const panel = createControlPanel(byId('controls', HTMLElement), 'piano', (control, value) =>
  send({ type: 'set', control, value }),
)
const chords = createChordLine((text) => send({ type: 'chords', text }))
const drummer = byId('drummer', HTMLElement)
const drums = createControlPanel(byId('drums', HTMLElement), 'drums', (control, value) =>
  send({ type: 'set', part: 'drums', control, value }),
)

const drummerButton = byId('drummer-on', HTMLButtonElement)
const mutePiano = byId('mute-piano', HTMLButtonElement)
const muteDrums = byId('mute-drums', HTMLButtonElement)
const soloDrums = byId('solo-drums', HTMLButtonElement)
drummerButton.onclick = () => send({ type: 'drummer', on: !isPressed(drummerButton) })
mutePiano.onclick = () => send({ type: 'mute', part: 'piano', on: !isPressed(mutePiano) })
muteDrums.onclick = () => send({ type: 'mute', part: 'drums', on: !isPressed(muteDrums) })
soloDrums.onclick = () => send({ type: 'solo', part: isPressed(soloDrums) ? null : 'drums' })

const store = byId('store', HTMLButtonElement)
store.onclick = () => {
  store.setAttribute('aria-pressed', String(store.getAttribute('aria-pressed') !== 'true'))
}
const toggle = () => send({ type: snapshot?.paused && snapshot.countIn === null ? 'play' : 'pause' })
playButton.onclick = toggle
for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-ask]')) {
  button.onclick = () => send({ type: button.dataset.ask ?? '' })
}
function panic(): void {
  send({ type: 'panic' })
  sound.silence()
  midi.silence()
}
byId('panic', HTMLButtonElement).onclick = panic
byId('download', HTMLAnchorElement).href = `/capture.mid${query}`

soundButton.onclick = async () => {
  const turnOn = soundButton.getAttribute('aria-pressed') !== 'true'
  if (turnOn) await sound.on()
  else sound.off()
  soundButton.setAttribute('aria-pressed', String(turnOn))
  soundButton.textContent = turnOn ? 'Sound is on' : 'Sound on'
}
const volume = byId('volume', HTMLInputElement)
volume.oninput = () => sound.volume(Number(volume.value))

const midiButton = byId('midi-on', HTMLButtonElement)
midiButton.onclick = async () => {
  try {
    const ports = await midi.ports()
    midiSelect.replaceChildren(
      make('option', { value: '', textContent: 'no MIDI port' }),
      ...ports.map(({ id, name }) => make('option', { value: id, textContent: name ?? id })),
    )
    midiSelect.hidden = false
    midiSelect.onchange = () => midi.choose(ports.find(({ id }) => id === midiSelect.value) ?? null)
    if (ports.length === 0) notice('There is no MIDI port that this browser could play to.')
  } catch (error) {
    notice(error instanceof Error ? error.message : String(error))
  }
}

const roll = createRoll(canvas)
listenToKeys({
  canvas,
  geometry: roll.geometry,
  strike: (pitch, velocity) => send({ type: 'note-on', pitch, velocity }),
  lift: (pitch) => send({ type: 'note-off', pitch }),
  toggle,
  panic,
})
window.addEventListener('pagehide', () => {
  sound.off()
  midi.silence()
})

/** Time between frames. Users who ask for reduced motion see the notes move in steps. */
const FRAME_MS = matchMedia('(prefers-reduced-motion: reduce)').matches ? 250 : 0
let lastFrame = Number.NEGATIVE_INFINITY

function frame(at: number): void {
  if (at - lastFrame >= FRAME_MS) {
    lastFrame = at
    const now = clock.toServer(performance.now())
    roll.draw((past) => ({ now, ahead, notes: notes.after(now - past) }))
    level.value = sound.level()
  }
  requestAnimationFrame(frame)
}
requestAnimationFrame(frame)
