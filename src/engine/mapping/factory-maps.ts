import type { ControlName } from '../controls/controls.js'
import { type Binding, type ControllerMap, EMPTY_MAP, type Target } from './bindings.js'

/** A controller that comes with a map: `name` is how its port's name begins. */
interface ShippedController {
  readonly name: string
  readonly map: ControllerMap
}

/** What is turned most, in the order of knobs from the left. */
const MOST_TURNED: readonly ControlName[] = [
  'density',
  'dynamics',
  'temperature',
  'topP',
  'guidance',
  'articulation',
  'polyphony',
  'balance',
]

function knobs(first: number, controls: readonly ControlName[]): Binding[] {
  return controls.map((control, n) => ({
    source: { kind: 'cc', channel: null, controller: first + n },
    target: { kind: 'control', control },
  }))
}

function button(controller: number, target: Target): Binding {
  return { source: { kind: 'cc', channel: null, controller }, target }
}

/**
 * Factory settings: nanoKONTROL2 (KORG, Parameter Guide 2011: sliders CC 0-7, knobs 16-23, transport 41-46), nanoKONTROL
 * Studio's are others; MPK mini mk3 (AKAI, factory program 1: knobs CC 70-77).
 */
const SHIPPED: readonly ShippedController[] = [
  {
    name: 'nanoKONTROL2',
    map: {
      takeOver: 'pickup',
      bindings: [
        ...knobs(0, MOST_TURNED),
        ...knobs(16, [
          'pitchTemperature',
          'timingTemperature',
          'dynamicsTemperature',
          'dynamicsRange',
          'fade',
          'pause',
        ]),
        button(41, { kind: 'request', request: 'play' }),
        button(42, { kind: 'request', request: 'pause' }),
        button(43, { kind: 'request', request: 'again' }),
        button(44, { kind: 'request', request: 'take-over' }),
        button(45, { kind: 'request', request: 'capture' }),
        button(46, { kind: 'control', control: 'tide' }),
      ],
    },
  },
  { name: 'MPK mini 3', map: { takeOver: 'pickup', bindings: knobs(70, MOST_TURNED) } },
]

/** The map that comes with Rubato for a controller of this port name, or one in which nothing is bound. */
export function factoryMap(port: string): ControllerMap {
  const low = port.toLowerCase()
  return SHIPPED.find(({ name }) => low.includes(name.toLowerCase()))?.map ?? EMPTY_MAP
}
