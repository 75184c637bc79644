import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { day, formatDay } from '../../base/date.ts'
import {
  cprBirthDay,
  cprPassesMod11,
  cprProblem,
  cvrIsValid,
  impossiblePerson,
  isImpossiblePerson,
  pNumberIsValid,
  seIsValid,
} from './identifiers.ts'

test('a CPR number is ten digits that tell a date, with day + 60 allowed', () => {
  const cases: [string, string | undefined][] = [
    ['6103850000', undefined],
    ['9112850000', undefined], // 31 + 60 December
    ['8902960000', undefined], // 29 + 60 February 1996
    ['8902950000', 'no_such_date'], // 1995 is no leap year
    ['8902000000', 'no_such_date'], // seventh digit 0: 1900 is no leap year
    ['8902004000', undefined], // seventh digit 4: 2000 is one
    ['9104850000', 'no_such_date'], // 31 + 60 April
    ['9203850000', 'no_such_date'], // 32 + 60
    ['6003850000', 'no_such_date'], // day 60 is neither a day nor 0 + 60
    ['3203850000', 'no_such_date'],
    ['0003850000', 'no_such_date'],
    ['6100850000', 'no_such_date'],
    ['6113850000', 'no_such_date'],
    ['0123456789', 'no_such_date'],
    ['610385000', 'not_ten_digits'],
    ['61038500000', 'not_ten_digits'],
    ['610385-0000', 'not_ten_digits'],
    ['61O3850000', 'not_ten_digits'],
    ['６103850000', 'not_ten_digits'],
    ['', 'not_ten_digits'],
  ]
  for (const [id, problem] of cases) assert.equal(cprProblem(id), problem, id)
})

test('the seventh digit and the year tell the century', () => {
  const cases: [string, string][] = [
    ['6101000000', '1900-01-01'],
    ['6101993999', '1999-01-01'],
    ['6101364000', '2036-01-01'],
    ['6101374000', '1937-01-01'],
    ['6101575000', '2057-01-01'],
    ['6101585000', '1858-01-01'],
    ['6101578000', '2057-01-01'],
    ['6101588000', '1858-01-01'],
    ['6101369000', '2036-01-01'],
    ['6101379000', '1937-01-01'],
  ]
  for (const [id, birth] of cases) assert.equal(formatDay(cprBirthDay(id) as never), birth, id)
})

test('the check digit of CPR: published test numbers pass and fail as they should', () => {
  assert.equal(cprPassesMod11('2512484916'), true) // the example person of the health services
  assert.equal(cprPassesMod11('2211771212'), false) // the example of the MeMo standard
  assert.equal(cprPassesMod11('6103850000'), true)
  assert.equal(cprPassesMod11('6103850001'), false)
})

test('CVR and SE: published numbers pass, one wrong digit always fails', () => {
  for (const id of ['64942212', '55133018', '35209115', '29189420', '19435075', '10172748']) {
    assert.equal(cvrIsValid(id), true, id)
    assert.equal(seIsValid(id), true, id)
    for (let at = 0; at < 8; at++) {
      for (let d = 0; d < 10; d++) {
        const changed = id.slice(0, at) + d + id.slice(at + 1)
        if (changed !== id) assert.equal(cvrIsValid(changed), false, changed)
      }
    }
  }
  for (const id of ['11111111', '12345678', '00000000', '2918942', '291894200', '2918942a', '']) {
    assert.equal(cvrIsValid(id), false, id)
  }
  assert.equal(pNumberIsValid('1003388394'), true)
  assert.equal(pNumberIsValid('100338839'), false)
})

test('an invented citizen is impossible, and tells its birthday', () => {
  const seed = 20260311
  fc.assert(
    fc.property(
      fc.integer({ min: day('1937-01-01'), max: day('1999-12-31') }),
      fc.integer({ min: 0, max: 3999 }),
      (birth, n) => {
        const id = impossiblePerson(birth as never, n)
        assert.equal(cprProblem(id), undefined)
        assert.equal(isImpossiblePerson(id), true)
        assert.equal(formatDay(cprBirthDay(id) as never), formatDay(birth as never))
      },
    ),
    { seed },
  )
  assert.equal(isImpossiblePerson('2512484916'), false)
  assert.equal(cprBirthDay('0123456789'), undefined)
  assert.equal(impossiblePerson(day('2004-02-29'), 4001), '8902044001')
  assert.throws(() => impossiblePerson(day('2004-02-29'), 1), /century/)
})
