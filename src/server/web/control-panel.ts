import type {
  AutoControl,
  Control,
  NumberControl,
  RangeControl,
} from '../../engine/controls/control-kinds.js'
import { type End, withEnd } from '../../engine/controls/control-steps.js'
import { formatControl } from '../../engine/controls/control-values.js'
import type { UnsupportedControls } from '../../engine/controls/controls.js'
import { CONTROLS, type ControlName, type ControlValue } from '../../engine/controls/controls.js'
import { controlsOf, type PartName } from '../../engine/controls/parts.js'
import { KEY_NAMES } from '../../engine/language/scales.js'
import type { Snapshot } from '../../engine/surface/snapshot.js'
import { make } from './elements.js'

/** The part of a snapshot that the controls show. */
type ControlsShown = Pick<Snapshot, 'controls' | 'setBy'> & Partial<Pick<Snapshot, 'tide' | 'waiting'>>

/** The controls of a part on the page. */
export interface ControlPanel {
  /** Shows the values; `unsupported` has the controls that do nothing with this model, and why. */
  show(view: ControlsShown, unsupported: UnsupportedControls): void
}

/** The row of one control. A slider that the user has just moved isn't moved by the server. */
interface ControlRow {
  readonly element: HTMLElement
  show(value: ControlValue, view: ControlsShown, unsupported: string | undefined): void
}

type Set = (name: ControlName, value: ControlValue) => void

/**
 * Time after a change by the user in which snapshots don't move the slider: those that arrive within it may be older than
 * the change.
 */
const HANDS_OFF_MS = 400

/** Fills `parent` with a row for each control of a part; `set` is called for each change. */
export function createControlPanel(parent: HTMLElement, part: PartName, set: Set): ControlPanel {
  const rows = controlsOf(part).map((name) => [name, createRow(name, part, set)] as const)
  parent.replaceChildren(...rows.map(([, row]) => row.element))
  return {
    show: (view, unsupported) => {
      for (const [name, row] of rows) row.show(view.controls[name], view, unsupported[name])
    },
  }
}

function createRow(name: ControlName, part: PartName, set: Set): ControlRow {
  const control: Control = CONTROLS[name]
  const id = part === 'piano' ? `control-${name}` : `${part}-${name}`
  let touched = Number.NEGATIVE_INFINITY
  const turn: Set = (which, value) => {
    touched = performance.now()
    set(which, value)
  }
  const input = createInput(name, control, id, turn)
  const value = make('output', { className: 'value' })
  value.htmlFor.add(id)
  const by = make('span', { className: 'by' })
  const label = make('label', { htmlFor: id, textContent: control.label, title: control.help })
  const element = make('div', { className: `control ${control.kind}` }, [
    make('div', { className: 'caption' }, [label, by, value]),
    input.element,
  ])
  element.dataset.control = name
  return {
    element,
    show: (now, view, unsupported) => {
      label.title = unsupported === undefined ? control.help : `Does nothing now: ${unsupported}.`
      element.classList.toggle('is-unsupported', unsupported !== undefined)
      const unit = control.unit !== '' && now !== null ? ` ${control.unit}` : ''
      const aim = name === 'density' && now === null && view.tide ? ` ~${view.tide.density.toFixed(1)}` : ''
      value.textContent =
        control.kind === 'weights' && now ? 'set' : `${formatControl(name, now)}${unit}${aim}`
      by.textContent = view.waiting?.includes(name) ? 'waits' : (view.setBy[name] ?? '')
      element.classList.toggle('is-set', JSON.stringify(now) !== JSON.stringify(control.default))
      if (performance.now() - touched > HANDS_OFF_MS) input.show(now)
    },
  }
}

interface Input {
  readonly element: HTMLElement
  show(value: ControlValue): void
}

function createInput(name: ControlName, control: Control, id: string, set: Set): Input {
  switch (control.kind) {
    case 'number':
      return numberInput(control, id, (value) => set(name, value), control.default)
    case 'auto-number':
      return autoInput(name, control, id, set)
    case 'range':
      return rangeInput(name, control, id, set)
    case 'choice': {
      const element = make('select', { id, title: control.help })
      element.append(
        ...control.options.map((option) => make('option', { value: option, textContent: option })),
      )
      element.onchange = () => set(name, element.value as ControlValue)
      return { element, show: (value) => Object.assign(element, { value }) }
    }
    case 'switch': {
      const element = make('input', { id, type: 'checkbox', title: control.help })
      element.setAttribute('role', 'switch')
      element.onchange = () => set(name, element.checked)
      return { element, show: (value) => Object.assign(element, { checked: value === true }) }
    }
    case 'weights':
      return weightsInput(name, id, set)
  }
}

function numberInput(
  { min, max, step, help }: NumberControl | AutoControl | RangeControl,
  id: string,
  set: (value: number) => void,
  initial: number,
): Input {
  const element = make('input', { id, type: 'range', title: help })
  Object.assign(element, { min: String(min), max: String(max), step: String(step), value: String(initial) })
  element.oninput = () => set(Number(element.value))
  return {
    element,
    show: (value) => {
      if (typeof value === 'number') element.value = String(value)
    },
  }
}

function autoInput(name: ControlName, control: AutoControl, id: string, set: Set): Input {
  const middle = (control.min + control.max) / 2
  const slider = numberInput(control, id, (value) => set(name, value), middle)
  const auto = make('button', { type: 'button', textContent: 'auto', className: 'auto' })
  auto.setAttribute('aria-label', `${control.label}: auto`)
  auto.onclick = () => set(name, null)
  return {
    element: make('div', { className: 'with-auto' }, [slider.element, auto]),
    show: (value) => {
      auto.setAttribute('aria-pressed', String(value === null))
      slider.show(value)
    },
  }
}

function rangeInput(name: ControlName, control: RangeControl, id: string, set: Set): Input {
  let range: readonly [low: number, high: number] = control.default
  const lower = numberInput(control, id, (value) => turn('low', value), range[0])
  const upper = numberInput(control, `${id}-high`, (value) => turn('high', value), range[1])
  lower.element.setAttribute('aria-label', `${control.label}: lowest`)
  upper.element.setAttribute('aria-label', `${control.label}: highest`)
  function turn(end: End, value: number): void {
    range = withEnd(range, end, value)
    set(name, range)
  }
  return {
    element: make('div', { className: 'pair' }, [lower.element, upper.element]),
    show: (value) => {
      if (!Array.isArray(value)) return
      const [low = range[0], high = range[1]] = value as number[]
      range = [low, high]
      lower.show(low)
      upper.show(high)
    },
  }
}

function weightsInput(name: ControlName, id: string, set: Set): Input {
  const names = KEY_NAMES.filter((key) => key !== 'off')
  const bars = names.map((key, i) => {
    const bar = make('input', { type: 'range', id: i === 0 ? id : `${id}-${i}`, className: 'upright' })
    Object.assign(bar, { min: '0', max: '1', step: '0.05', value: '0' })
    bar.setAttribute('aria-label', `Weight of ${key}`)
    bar.oninput = () => {
      const weights = bars.map((other) => Number(other.value))
      set(name, weights.some((weight) => weight > 0) ? weights : null)
    }
    return bar
  })
  const auto = make('button', { type: 'button', textContent: 'auto', className: 'auto' })
  auto.setAttribute('aria-label', 'Pitch weights: auto')
  auto.onclick = () => set(name, null)
  const columns = bars.map((bar, i) =>
    make('span', {}, [bar, make('small', { textContent: names[i] ?? '' })]),
  )
  return {
    element: make('div', { className: 'weights-input' }, [make('div', { className: 'bars' }, columns), auto]),
    show: (value) => {
      auto.setAttribute('aria-pressed', String(value === null))
      const most = Array.isArray(value) ? Math.max(...(value as number[])) : 1
      for (const [i, bar] of bars.entries()) {
        bar.value = Array.isArray(value) ? String(((value as number[])[i] ?? 0) / most) : '0'
      }
    },
  }
}
