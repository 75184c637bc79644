import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testDatabase } from '../../test/database.ts'
import {
  addMinutes,
  danishDay,
  danishDaySql,
  danishInstant,
  danishOffset,
  inDenmark,
  isAfter,
  isClock,
} from './danish-time.ts'
import { addDays, day, type Day, formatDay } from './date.ts'
import { connect } from './db.ts'

test('a Danish clock goes forward on 29 March 2026 and back on 25 October', () => {
  const cases: [string, string, string][] = [
    ['2026-03-28', '14:00', '2026-03-28T13:00:00+00:00'],
    ['2026-03-29', '01:59', '2026-03-29T00:59:00+00:00'],
    ['2026-03-29', '03:00', '2026-03-29T01:00:00+00:00'],
    ['2026-03-29', '14:00', '2026-03-29T12:00:00+00:00'],
    ['2026-03-30', '00:30', '2026-03-29T22:30:00+00:00'],
    ['2026-10-24', '14:00', '2026-10-24T12:00:00+00:00'],
    ['2026-10-25', '01:59', '2026-10-24T23:59:00+00:00'],
    ['2026-10-25', '02:30', '2026-10-25T00:30:00+00:00'],
    ['2026-10-25', '03:00', '2026-10-25T02:00:00+00:00'],
    ['2026-10-25', '14:00', '2026-10-25T13:00:00+00:00'],
  ]
  for (const [date, clock, instant] of cases) {
    assert.equal(danishInstant(day(date), clock), instant)
    const { day: on, minute } = inDenmark(instant)
    const shown = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
    assert.deepEqual([formatDay(on), shown], [date, clock])
  }
  assert.equal(danishOffset(day('2026-07-01'), 12), '+02:00')
})

test('every instant has one Danish time, and the hour that comes twice is its first', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 366 * 5 }), fc.integer({ min: 0, max: 1439 }), (days, minute) => {
      const instant = addMinutes(danishInstant(addDays(day('2024-01-01'), days), '12:00'), minute)
      const shown = inDenmark(instant)
      const clock = `${String(Math.floor(shown.minute / 60)).padStart(2, '0')}:${String(shown.minute % 60).padStart(2, '0')}`
      const back = danishInstant(shown.day, clock)
      assert.ok(back === instant || addMinutes(back, 60) === instant, `${instant} ${clock} ${back}`)
      assert.equal(isAfter(back, instant), false)
    }),
  )
})

test('instants are compared whatever their offset, and a clock time has a shape', () => {
  assert.equal(isAfter('2026-03-30T14:00:01+02:00', '2026-03-30T12:00:00Z'), true)
  assert.equal(isAfter('2026-03-30T14:00:00+02:00', '2026-03-30T12:00:00Z'), false)
  assert.deepEqual(['00:00', '23:59', '24:00', '9:00', '12:60', '12:00 '].map(isClock), [
    true,
    true,
    false,
    false,
    false,
    false,
  ])
})

test('the Danish day of an instant is the same in SQL, wherever the server and its session are', async () => {
  const { url } = await testDatabase({ mode: 'empty' })
  const noon = danishInstant(day('2026-01-01'), '12:00')
  const instants = Array.from({ length: 800 }, (_, i) => addMinutes(noon, i * 661))
  const { db, close } = await connect(url, undefined)
  try {
    for (const zone of ['UTC', 'Pacific/Auckland']) {
      await db.run(`set timezone = '${zone}'`)
      const rows = await db.rows<{ on: Day }>(
        `select ${danishDaySql('t.at')} as on from unnest($1::timestamptz[]) with ordinality t (at, no) order by t.no`,
        [instants],
      )
      assert.deepEqual(
        rows.map(({ on }) => on),
        instants.map(danishDay),
        zone,
      )
    }
  } finally {
    await close()
  }
})
