import assert from 'node:assert/strict'
import { test } from 'node:test'
import { day } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import type { PaymentRun } from '../../modules/payments/index.ts'
import { type LocalRule, localRules } from '../../modules/rates/index.ts'
import { timeOf } from '../cli/options.ts'
import { askedOf } from '../cli/world.ts'
import { doneAt, judgedAt, refuseLate } from './cut-off.ts'

const told = localRules([
  {
    kind: 'at_cut_off',
    source: 0,
    benefit: 0,
    validFrom: day('2026-01-01'),
    amount: 0 as Ore,
    months: 0,
    treatment: 'next_bank_day',
    check: '',
    percent: 0,
    unit: '',
    rail: '',
    account: '',
  } satisfies LocalRule,
])
const [none, scripted, now, said] = [
  localRules([]),
  '2026-03-26T09:05:00Z',
  '2026-11-28T10:00:00Z',
  '2026-03-27T13:01:00Z',
]

test('what somebody says counts before the clock, and the clock only outside the demo and where a rule is told', () => {
  assert.equal(judgedAt(told, askedOf('demo', undefined, now), scripted), scripted)
  assert.equal(judgedAt(told, askedOf('operation', undefined, now), scripted), now)
  assert.equal(judgedAt(none, askedOf('operation', undefined, now), scripted), scripted)
  for (const mode of ['demo', 'operation'] as const) {
    assert.equal(judgedAt(none, askedOf(mode, said, now), scripted), said)
    assert.equal(judgedAt(told, askedOf(mode, said, now), scripted), said)
  }
})

test('what is sent is never told as sent before it was', () => {
  assert.equal(doneAt({}, scripted), scripted)
  assert.equal(doneAt({ now }, scripted), now)
  assert.equal(doneAt({ at: '2026-03-26T08:00:00Z', now }, scripted), scripted)
  assert.equal(doneAt({ at: said, now }, scripted), said)
})

test('an approval one second after the cut-off is refused with what to do; in the second itself it is not', () => {
  const run: PaymentRun = {
    municipality: 751,
    runNo: 3,
    workNo: 1,
    dispositionDate: day('2026-03-30'),
    rail: 'nemkonto',
    purpose: 'ordinary',
    knownAt: '2026-03-01T06:00:00+00:00',
    payments: 1,
    parts: 1,
    amount: 100 as Ore,
    steps: ['planned', 'assembled', 'controlled'],
    approvers: 1,
    blocked: false,
  }
  const at = (time: string) => ({ rules: none, asked: { at: time }, scripted: () => scripted })
  refuseLate([run], at('2026-03-27T14:00:00+01:00'))
  refuseLate([run], { rules: none, asked: { now }, scripted: () => scripted })
  const refused = (error: unknown): boolean => error instanceof Refusal && error.code === 'after_cut_off'
  assert.throws(() => refuseLate([run], at('2026-03-27T14:00:01+01:00')), refused)
  assert.throws(
    () => refuseLate([run], { ...at('2026-03-27T13:00:01Z'), rules: told }),
    /0751R3 had to be with the rail by 2026-03-27 14:00 to be paid on 2026-03-30\. The next «toek run» moves it/,
  )
})

test('--at is a time with its offset, or by a Danish clock', () => {
  const cases: [string, string][] = [
    ['2026-03-27T14:01', '2026-03-27T13:01:00+00:00'],
    ['2026-03-30 14:01', '2026-03-30T12:01:00+00:00'],
    ['2026-03-30T14:01:30Z', '2026-03-30T14:01:30+00:00'],
    ['2026-10-26T14:01:00+01:00', '2026-10-26T13:01:00+00:00'],
  ]
  for (const [value, instant] of cases) assert.equal(timeOf(value), instant)
  assert.equal(timeOf(undefined), undefined)
  for (const value of ['14:01', '2026-02-30T10:00', '2026-03-30T24:00', 'nu'])
    assert.throws(() => timeOf(value), Refusal)
})
