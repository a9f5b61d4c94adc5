import { expect, it } from 'vitest'
import { createDeferredInputs } from '../../../src/engine/performer/deferred-inputs.js'
import type { Command } from '../../../src/engine/surface/commands.js'
import type { Arrival } from '../../../src/engine/surface/inputs.js'

const arrival = (command: Command): Arrival => ({ kind: 'command', command, at: 0 })

it('the controls whose changes wait are named, each once, until the changes are due or taken back', () => {
  const deferred = createDeferredInputs()
  expect(deferred.controls).toEqual([])
  deferred.defer(arrival({ type: 'set', control: 'density', value: 5 }), 1000)
  deferred.defer(arrival({ type: 'set', control: 'density', value: 6 }), 1000)
  deferred.defer(arrival({ type: 'set-some', controls: { dynamics: 80, density: 7 } }), 2000)
  expect(deferred.controls).toEqual(['density', 'dynamics'])
  deferred.removeDue(1000)
  expect(deferred.controls).toEqual(['dynamics', 'density'])
  deferred.removeDue(2000)
  expect(deferred.controls).toEqual([])
  deferred.defer(arrival({ type: 'set', control: 'key', value: 'D' }), 3000)
  deferred.supersede(arrival({ type: 'set', control: 'key', value: 'E' }))
  expect(deferred.controls).toEqual([])
})
