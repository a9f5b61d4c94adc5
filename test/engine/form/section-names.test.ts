import { describe, expect, test } from 'vitest'
import { letterName, namedSections } from '../../../src/engine/form/section-names.js'
import { planOf } from '../../../src/engine/form/sections.js'
import { FORMS, type FormName } from '../../../src/engine/language/forms.js'

describe('the names of a movement’s sections', () => {
  test.each<[FormName, readonly string[]]>([
    ['rondo', ['A', 'B', "A'", 'C', "A''"]],
    ['ABA', ['A', 'B', "A'"]],
    ['variations', ['A', 'A1', 'A2', 'A3', 'A4', 'A5']],
  ])('%s', (form, names) => {
    for (const [place, letter] of planOf(form).entries()) {
      expect(namedSections(form, place, letter)).toEqual({ names, current: place })
    }
  })

  test('free music has no plan: only the current section is known', () => {
    for (const letter of planOf('free')) {
      expect(namedSections('free', letter, letter)).toEqual({ names: [letterName(letter)], current: 0 })
    }
  })

  test('a form that was changed in mid-movement leaves the current section its letter', () => {
    expect(namedSections('variations', 1, 1)).toEqual({
      names: ['A', 'B', 'A1', 'A2', 'A3', 'A4'],
      current: 1,
    })
  })

  test('a shorter form is in its last section where the longer one had come further', () => {
    expect(namedSections('ABA', 3, 2)).toEqual({ names: ['A', 'B', 'C'], current: 2 })
  })

  test('no two sections of a movement have the same name', () => {
    for (const form of FORMS) {
      const { names } = namedSections(form, 0, 0)
      expect(new Set(names).size).toBe(names.length)
    }
  })
})
