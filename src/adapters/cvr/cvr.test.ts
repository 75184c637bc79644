import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseCvrChanges, writeCvrChanges } from './index.ts'

const status = (name: string, from: string | null, to: string | null = null) => ({
  status: name,
  periode: { gyldigFra: from, gyldigTil: to },
})
const life = (to: string | null) => ({ periode: { gyldigFra: '2001-01-01', gyldigTil: to } })
const company = (statuses: unknown, lives: unknown = [life(null)]) =>
  JSON.stringify({ Vrvirksomhed: { cvrNummer: 29189420, virksomhedsstatus: statuses, livsforloeb: lives } })

test('what a company is now is an event, what it was is not', () => {
  const event = (name: string, date: string) => ({ record: 'party_event', cvr: '29189420', event: name, date })
  const cases: [string, unknown[]][] = [
    [company([status('NORMAL', '2001-01-01')]), [event('restored', '2001-01-01')]],
    [company([]), [event('restored', '2001-01-01')]],
    [company([], []), []],
    [company([status('UNDERKONKURS', '2026-03-10')]), [event('bankruptcy', '2026-03-10')]],
    [company([status('UNDER KONKURS', '2026-03-10')]), [event('bankruptcy', '2026-03-10')]],
    // The bankruptcy was lifted.
    [
      company([status('UNDERKONKURS', '2026-03-10', '2026-03-12'), status('NORMAL', '2026-03-12')]),
      [event('restored', '2026-03-12')],
    ],
    [company([], [life('2026-03-05')]), [event('closed', '2026-03-05')]],
    // It lives again.
    [company([], [life('2020-03-05'), life(null)]), [event('restored', '2020-03-05')]],
    [company([status('UNDERTVANGSOPLØSNING', '2026-03-10')]), [event('restored', '2026-03-10')]],
    [company([status('NOGET NYT', '2026-03-10')]), ['status_unknown']],
    [company([status('UNDERKONKURS', null)]), ['date_unreadable']],
    [
      JSON.stringify({ _source: JSON.parse(company([status('UNDERKONKURS', '2026-03-10')])) }),
      [event('bankruptcy', '2026-03-10')],
    ],
    ['{"Vrvirksomhed":{}}', ['no_company']],
    ['{}', ['no_company']],
    ['[', ['not_json']],
  ]
  for (const [row, expected] of cases) {
    assert.deepEqual(
      Array.from(parseCvrChanges(row), (one) => one.record ?? one.problem),
      expected,
      row,
    )
  }
})

test('whatever comes, it never throws; and what is written is read', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.anything().map((value) => company(value, value)),
        ),
      ),
      (rows) => {
        for (const one of parseCvrChanges(rows.join('\n'))) {
          assert.ok((one.record === undefined) !== (one.problem === undefined))
        }
      },
    ),
    { seed: 20260319 },
  )
  const written = writeCvrChanges([
    { cvr: '29189420', event: 'bankruptcy', date: '2026-03-10' },
    { cvr: '29189420', event: 'restored', date: '2026-03-10' },
  ])
  assert.deepEqual(
    Array.from(parseCvrChanges(written), (one) => one.record?.['event']),
    ['bankruptcy', 'restored'],
  )
})
