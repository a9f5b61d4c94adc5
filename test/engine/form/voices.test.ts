import { describe, expect, test } from 'vitest'
import { bassOf, melodyOf } from '../../../src/engine/form/voices.js'

const note = (pitch: number, start: number, end = start + 40) => ({ pitch, velocity: 64, start, end })
const pitches = (notes: readonly { readonly pitch: number }[]) => notes.map(({ pitch }) => pitch)

describe('the outer voices', () => {
  test('are the highest and the lowest notes of chords, though their keys do not go down together', () => {
    const notes = [note(48, 0), note(64, 2), note(72, 4), note(50, 50), note(74, 51)]
    expect(pitches(melodyOf(notes))).toEqual([72, 74])
    expect(pitches(bassOf(notes))).toEqual([48, 50])
  })

  test('leave out what is a fifth or more inside a note of theirs that still sounds', () => {
    const notes = [note(48, 0, 100), note(72, 0, 100), note(60, 25), note(67, 50), note(71, 75)]
    expect(pitches(melodyOf(notes))).toEqual([72, 67, 71])
    expect(pitches(bassOf(notes))).toEqual([48])
  })

  test('have a note again once the one above it has ended', () => {
    expect(pitches(melodyOf([note(72, 0, 20), note(60, 25)]))).toEqual([72, 60])
  })

  test('are empty without notes', () => {
    expect(melodyOf([])).toEqual([])
    expect(bassOf([])).toEqual([])
  })
})
