import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addDays, day } from '../../base/date.ts'
import {
  type BookChange,
  builtInRateBook,
  changedBook,
  lookup,
  openPayDay,
  postingAccounts,
  readChanges,
  readLaw,
} from './index.ts'
import { withLaws } from './change-book.ts'

const book = builtInRateBook()
const rates = lookup(book)
const changed = (...changes: BookChange[]) => lookup(changedBook(book, changes))

test('a change applies from its date until its end, and nothing else changes', () => {
  const after = changed({
    kind: 'rate',
    name: 'obligatory_pension',
    from: '2026-04-01',
    to: '2026-07-01',
    rate_percent: '3',
  })
  const on = (text: string) => after.rate('obligatory_pension', day(text)).rate
  assert.deepEqual(['2026-03-31', '2026-04-01', '2026-06-30', '2026-07-01'].map(on), [21_000, 30_000, 30_000, 21_000])
  assert.equal(after.rate('am_bidrag', day('2026-05-01')), rates.rate('am_bidrag', day('2026-05-01')))
})

test('what a change does not name stays as each row of the book has it', () => {
  // The codes of kontanthjælp change in July 2025: one change over both rows keeps them.
  const rows = book.benefits.filter((row) => row.key === 'kontanthjaelp')
  const border = rows[0]?.valid.to ?? day('2025-07-01')
  const first = addDays(border, -40)
  const text = (value: number) => new Date(value * 86_400_000).toISOString().slice(0, 10)
  const after = changed({ kind: 'benefit', benefit: 'kontanthjaelp', from: text(first), am_liable: true })
  for (const at of [first, addDays(border, -1), border, addDays(border, 40)]) {
    const { valid: _valid, source: _source, assumed: _assumed, ...rest } = after.benefitByKey('kontanthjaelp', at)
    const { valid: _v, source: _s, assumed: _a, ...before } = rates.benefitByKey('kontanthjaelp', at)
    assert.deepEqual(rest, { ...before, amLiable: true })
  }
  assert.equal(after.benefitByKey('kontanthjaelp', addDays(first, -1)).amLiable, false)
  const atp = changed({ kind: 'atp', rule: 'monthly', from: '2023-06-01', minimum_ore: 1 })
  assert.deepEqual(
    [9_500, 1],
    [atp.atpRate('monthly', day('2023-12-31')).own, atp.atpRate('monthly', day('2023-12-31')).minimumBenefit],
  )
  assert.equal(atp.atpRate('monthly', day('2024-01-01')).own, 9_900)
})

test('a rounding, an exclusion, a new account and closing days', () => {
  const after = changed(
    { kind: 'tax_method', municipality: '0751', from: '2026-04-01', method: 'exact_ore' },
    { kind: 'account', number: '5.57.72.1.099', name: 'Tabt arbejdsfortjeneste, nyt' },
    { kind: 'benefit', benefit: 'kontanthjaelp', from: '2026-04-01', cost_account: '5.57.72.1.099' },
    { kind: 'benefit', benefit: 'kontanthjaelp', from: '2026-04-01', pension_cost_account: '8.51.52.5.124' },
    { kind: 'closing_days', municipality: '0751', days: ['2026-04-30'] },
  )
  const [march, april] = [day('2026-03-31'), day('2026-04-01')]
  assert.deepEqual(
    [after.taxMethod(751, march), after.taxMethod(751, april), after.taxMethod(101, april)],
    [rates.taxMethod(751, march), 'exact_ore', rates.taxMethod(101, april)],
  )
  const costs = (at: typeof march) => {
    const rule = after.benefitByKey('kontanthjaelp', at)
    return (['net', 'pension'] as const).map((kind) => postingAccounts(kind, rule, after, { day: at }).debit.number)
  }
  assert.deepEqual(costs(march), ['5.57.73.1.007', '8.51.52.5.123'])
  assert.deepEqual(costs(april), ['5.57.72.1.099', '8.51.52.5.124'])
  assert.equal(after.closedIn(101), undefined)
  assert.equal(rates.closedIn(751), undefined)
  const closed = after.closedIn(751) ?? new Set()
  const moved = (due: string, earliest: string) => openPayDay(day(due), day(earliest), closed)
  assert.deepEqual(
    [moved('2026-04-30', '2026-04-01'), moved('2026-04-30', '2026-04-30'), moved('2026-04-28', '2026-04-01')],
    [day('2026-04-29'), day('2026-05-01'), day('2026-04-28')],
    'the bank day before; when there is no time the one after; another day is left alone',
  )
  const pair = book.exclusions[0]
  assert.ok(pair)
  const keys = [pair.a, pair.b].map((id) => book.benefits.find((row) => row.benefit === id)?.key ?? '')
  const free = { kind: 'exclusion', benefits: keys, excluded: false, from: '2026-04-01', to: '2026-05-01' } as const
  const allowed = changed(free)
  assert.deepEqual(
    ['2026-03-31', '2026-04-01', '2026-05-01'].map((text) => allowed.excluded(pair.a, pair.b, day(text))),
    [true, false, true],
  )
})

test('an approved change shows its legal source, and the book without it can be had', () => {
  const laws = [
    { name: 'Pension 2026', legalSource: 'LOV nr 999 af 01/02/2026 § 2', rate_percent: '3' },
    { name: 'Pension igen', legalSource: 'LOV nr 1000 af 01/03/2026 § 1', rate_percent: '4' },
  ].map(({ rate_percent, ...law }, i) => ({
    ...law,
    approvalNo: i + 1,
    changeNo: i + 1,
    changes: [{ kind: 'rate', name: 'obligatory_pension', from: '2026-04-01', rate_percent } as const],
  }))
  const after = lookup(withLaws(book, laws))
  const { rate, source, assumed } = after.rate('obligatory_pension', day('2026-04-01'))
  assert.deepEqual([rate, source, assumed], [40_000, 'LOV nr 1000 af 01/03/2026 § 1 (Pension igen)', false])
  assert.deepEqual(
    [0, 1, 2].map((laws) => after.asOf(laws).rate('obligatory_pension', day('2026-04-01')).rate),
    [21_000, 30_000, 40_000],
  )
  assert.equal(after.laws, 2)
})

test('a change that cannot be read names every fault and its place', () => {
  const faults: readonly (readonly [unknown, RegExp])[] = [
    [{ kind: 'rate', name: 'am_bidrag', from: '2026-01-01', rate_percent: '108' }, /^\/rate_percent: 0 to 100/m],
    [{ kind: 'rate', name: 'am_bidrag', from: '2026-01-01', rate_percent: 8 }, /^\/rate_percent: 0 to 100/m],
    [{ kind: 'rate', name: 'am_bidrag', rate_percent: '8' }, /^\/from: is missing/m],
    [
      [{ kind: 'rate', name: 'am_bidrag', from: '2026-01-01', to: '2025-01-01', rate_percent: '8' }],
      /^\/0\/to: a date after from/m,
    ],
    [{ kind: 'benefit', benefit: 'kontanthjaelp', from: '2026-01-01' }, /^: changes nothing; name at least one/m],
    [
      { kind: 'benefit', benefit: 'kontanthjaelp', from: '2026-01-01', atp: 'daily', colour: 1 },
      /^\/atp: one of .*\n\/colour: is not known/m,
    ],
    [{ kind: 'x' }, /^\/kind: one of rate, atp/m],
    [[null], /^\/0\/kind: one of/m],
    [{ kind: 'closing_days', days: [] }, /^\/days: a list of 1 to 60/m],
  ]
  for (const [value, message] of faults) assert.throws(() => readChanges(value), { code: 'change_invalid', message })
  const law = { name: 'Ny sats', legal_source: 'LOV nr 1', effective_from: '2026-04-01' }
  const rate = { kind: 'rate', name: 'am_bidrag', rate_percent: '8' }
  assert.deepEqual(readLaw({ ...law, changes: [rate] }).changes, [{ ...rate, from: '2026-04-01' }])
  assert.throws(() => readLaw({ ...law, changes: [{ ...rate, from: '2026-03-01' }] }), {
    message: /\/changes\/0: a date before effective_from/,
  })
  assert.throws(() => readLaw({ ...law, legal_source: ' ', changes: [rate] }), { message: /\/legal_source: 1 to 300/ })
})

test('what cannot be laid over the book says why', () => {
  const at = { kind: 'benefit', benefit: 'kontanthjaelp', from: '2026-01-01' } as const
  assert.throws(() => changed({ ...at, benefit: 'x', taxable: true }), { message: /change 1: the book has nothing/ })
  assert.throws(() => changed({ ...at, cost_account: '1.2.3' }), { message: /add it by a change of kind account/ })
  assert.throws(() => changed({ ...at, cost_account: 'a_skat:KY' }), { message: /only a cost account can be named/ })
  assert.throws(() => changed({ kind: 'account', number: '5.57.73.1.007', name: 'x' }), { message: /is in the chart/ })
  assert.throws(() => changed({ kind: 'tax_method', municipality: '0999', from: '2026-01-01', method: 'drop_ore' }), {
    message: /no municipality 0999/,
  })
})
