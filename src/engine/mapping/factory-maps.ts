import type { ControlName } from '../controls/controls.js'
import { type Binding, type ControllerMap, EMPTY_MAP, type Target } from './bindings.js'

/** A controller that Rubato has a map for. `name` is part of its port's name, in any case. */
interface FactoryController {
  readonly name: string
  readonly map: ControllerMap
}

/** The controls that players adjust most, for a row of knobs from the left. */
const MOST_ADJUSTED: readonly ControlName[] = [
  'density',
  'dynamics',
  'temperature',
  'topP',
  'guidance',
  'articulation',
  'polyphony',
  'balance',
]

/** A row of knobs whose controller numbers count up from `first`. */
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
 * The controller numbers are the makers' factory settings: nanoKONTROL2 (KORG, Parameter Guide 2011: sliders CC 0-7,
 * knobs 16-23, transport buttons 41-46; the nanoKONTROL Studio has others) and MPK mini mk3 (AKAI, factory program 1:
 * knobs CC 70-77).
 */
const FACTORY_CONTROLLERS: readonly FactoryController[] = [
  {
    name: 'nanoKONTROL2',
    map: {
      takeOver: 'pickup',
      bindings: [
        ...knobs(0, MOST_ADJUSTED),
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
  { name: 'MPK mini 3', map: { takeOver: 'pickup', bindings: knobs(70, MOST_ADJUSTED) } },
]

/** The map that comes with Rubato for a controller of this port name; a map without bindings for any other name. */
export function factoryMap(port: string): ControllerMap {
  const low = port.toLowerCase()
  return FACTORY_CONTROLLERS.find(({ name }) => low.includes(name.toLowerCase()))?.map ?? EMPTY_MAP
}
