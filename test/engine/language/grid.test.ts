import { describe, expect, test } from 'vitest'
import {
  type Grid,
  type GridName,
  nearestPoint,
  pointBefore,
  timeOfPoint,
} from '../../../src/engine/language/grid.js'

const gridOf = (name: GridName, swing: number): Grid => ({
  name,
  swing,
  strength: 1,
  pulse: { at: 100, beatMs: 600 },
})
const beatOf = (grid: Grid) => [0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => Math.round(timeOfPoint(grid, n) - 100))

describe('the points of a grid', () => {
  test.each<[GridName, number, readonly number[]]>([
    ['1/4', 66, [0, 600, 1200]],
    ['1/8', 50, [0, 300, 600]],
    ['1/8', 75, [0, 450, 600, 1050]],
    ['1/8T', 66, [0, 200, 400, 600]],
    ['1/16', 50, [0, 150, 300, 450, 600]],
    ['1/16', 70, [0, 210, 420, 510, 600]],
    ['1/16T', 70, [0, 100, 200, 300, 400, 500, 600]],
    ['1/32', 50, [0, 75, 150, 225, 300, 375, 450, 525, 600]],
  ])('%s at a swing of %i %%', (name, swing, times) => {
    expect(beatOf(gridOf(name, swing)).slice(0, times.length)).toEqual(times)
  })

  test.each<GridName>(['1/4', '1/8', '1/8T', '1/16', '1/16T', '1/32'])(
    '%s: each time lies between the point before it and the next, also before beat 0, and is nearest to one of them',
    (name) => {
      for (const swing of [50, 58, 66, 75]) {
        const grid = gridOf(name, swing)
        for (let at = -2000; at < 2000; at += 7.3) {
          const point = pointBefore(grid, at)
          const [before, after] = [timeOfPoint(grid, point), timeOfPoint(grid, point + 1)]
          expect(before).toBeLessThanOrEqual(at + 1e-6)
          expect(after).toBeGreaterThan(at - 1e-6)
          expect(Math.abs(nearestPoint(grid, at) - at)).toBeCloseTo(Math.min(at - before, after - at), 6)
        }
        for (let point = -20; point < 20; point++)
          expect(pointBefore(grid, timeOfPoint(grid, point))).toBe(point)
      }
    },
  )
})
