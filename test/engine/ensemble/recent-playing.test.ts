import { describe, expect, test } from 'vitest'
import { RecentPlaying } from '../../../src/engine/ensemble/recent-playing.js'
import { keyDown } from '../../helpers/player.js'

describe('what the player has played of late', () => {
  test('are notes with their lengths; those that sound end now', () => {
    const playing = new RecentPlaying()
    playing.strike(keyDown(100, 60, 70))
    playing.strike(keyDown(200, 64, 80))
    playing.endAllBut([64], 350)
    expect(playing.notesUntil(500)).toEqual([
      { pitch: 60, velocity: 70, start: 100, end: 350 },
      { pitch: 64, velocity: 80, start: 200, end: 500 },
    ])
  })

  test('a pitch that is struck again ends its note and begins another', () => {
    const playing = new RecentPlaying()
    playing.strike(keyDown(0, 60))
    playing.strike(keyDown(300, 60))
    expect(playing.notesUntil(400).map(({ start, end }) => [start, end])).toEqual([
      [0, 300],
      [300, 400],
    ])
  })

  test('a silence between phrases counts as 2 s, and notes keep their lengths across it', () => {
    const playing = new RecentPlaying()
    playing.strike(keyDown(0, 60))
    playing.endAllBut([], 1000)
    playing.strike(keyDown(30_000, 62))
    playing.endAllBut([], 30_500)
    expect(playing.notesUntil(40_000).map(({ start, end }) => [start, end])).toEqual([
      [0, 1000],
      [2000, 2500],
    ])
  })

  test('is forgotten after a minute of playing, and there are never more than 2000 notes', () => {
    const playing = new RecentPlaying()
    for (let at = 0; at < 200_000; at += 1000) playing.strike(keyDown(at, 60))
    expect(playing.length).toBe(60)
    for (let n = 0; n < 5000; n++) playing.strike(keyDown(200_000 + n, n % 128))
    expect(playing.length).toBe(2000)
    playing.forget()
    expect(playing.notesUntil(300_000)).toEqual([])
  })
})
