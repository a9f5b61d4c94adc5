import { describe, expect, it } from 'vitest'
import { allocateLedger, Ledger } from '../../../src/io/shared/ledger.js'

describe('the ledger', () => {
  it('says which notes sound, by key and by id, and which channels were used', () => {
    const ledger = new Ledger(allocateLedger())
    ledger.begin(Ledger.slot(15, 127), 9)
    ledger.begin(Ledger.slot(0, 0), 7)
    ledger.use(4)
    expect(ledger.soundingNotes()).toEqual([
      { id: 7, channel: 0, pitch: 0 },
      { id: 9, channel: 15, pitch: 127 },
    ])
    expect(ledger.slotOf(9)).toBe(Ledger.slot(15, 127))
    expect(ledger.slotOf(8)).toBe(-1)
    expect(ledger.slotOf(0)).toBe(-1)
    ledger.end(Ledger.slot(0, 0))
    expect(ledger.slotOf(7)).toBe(-1)
    expect(ledger.usedChannels()).toEqual([0, 4, 15])
  })

  it('shows the same notes through every view of its memory', () => {
    const memory = allocateLedger()
    new Ledger(memory).begin(Ledger.slot(3, 60), 1)
    expect(new Ledger(memory).soundingNotes()).toEqual([{ id: 1, channel: 3, pitch: 60 }])
  })
})
