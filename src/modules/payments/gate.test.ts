/** What the gate finds, case by case: of payments, of runs, and who must approve them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { day, type Day } from '../../base/date.ts'
import { itemId, type PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { type LocalRule, localRules } from '../rates/index.ts'
import { dueParts, type DuePart } from './gather.ts'
import { type AssembledRun, type GateFacts, judgePayments, judgeRuns, type NewFinding } from './gate.ts'
import { judgeDoubtful } from './gate-doubtful.ts'
import { policyOf } from './release-policy.ts'
import { localRule } from '../rates/testing.ts'

const DATE = day('2026-03-31')
const KY = 1
const UNIT = 7
const FIRST = 2 ** 24

const rule = (kind: LocalRule['kind'], more: Partial<LocalRule>): LocalRule => localRule(kind, '2026-01-01', more)
const gate = (check: LocalRule['check'], treatment: LocalRule['treatment'], more: Partial<LocalRule> = {}) =>
  rule('gate', { check, treatment, ...more })

function facts(more: Partial<GateFacts> = {}, rules: readonly LocalRule[] = []): GateFacts {
  return {
    rules: localRules(rules),
    stopped: new Map(),
    closed: new Set(),
    events: new Map(),
    protectedParties: new Set(),
    shortfalls: [],
    months: [],
    letGo: new Map(),
    withoutCard: new Map(),
    arrangements: new Map(),
    alsoPaid: new Map(),
    units: () => new Map([[UNIT, '12340000000001']]),
    hasAccount: () => true,
    benefitName: (benefit) => `ydelse ${benefit}`,
    ...more,
  }
}

type Part = Partial<DuePart> & { readonly kroner: number; readonly date?: Day }

/** Each part is of an order of its own and its payee is its number, unless it says otherwise. */
function runOf(...parts: readonly Part[]): AssembledRun {
  const due = dueParts()
  for (const [i, { kroner, date, ...more }] of parts.entries()) {
    const own = { item: itemId(1_000 + i, 1), part: 0, payee: i + 1, benefit: 3, workNo: 1, arrangement: 0 }
    due.add(date ?? DATE, UNIT, KY, 'KONTANTHJAELP', { ...own, amount: (kroner * 100) as Ore, ...more })
  }
  return { runNo: 1, gathered: due.runs()[0] as AssembledRun['gathered'] }
}

const shown = (findings: readonly NewFinding[]) =>
  findings.map(
    (one) => `${one.check} ${one.payment === 0 ? '-' : one.payment - FIRST} ${one.amount / 100} ${one.effect}`,
  )

test('a payment to a party with an event in force by its date is found, not before and not when it is stopped', () => {
  const run = runOf({ kroner: 100 }, { kroner: 200 }, { kroner: 300 })
  const event = (date: string) => ({ event: 'death' as const, date: day(date) })
  const events = new Map([
    [1, event('2026-03-31')],
    [2, event('2026-04-01')],
    [3, event('2026-03-01')],
  ])
  const stopped = new Map([[(FIRST + 3) as PaymentId, 30_000]])
  assert.deepEqual(shown(judgePayments([run], facts({ events, stopped })).findings), ['stopped_party 1 100 ask'])
})

test('what is common and stops nothing is counted; where it stops payments each is named', () => {
  const run = runOf({ kroner: 100 }, { kroner: 200 }, { kroner: 300 })
  const known = { protectedParties: new Set([1, 3]), withoutCard: new Map([[itemId(1_001, 1), 9_000]]) }
  assert.deepEqual(shown(judgePayments([run], facts(known)).findings), [
    'protected_party - 400 nothing',
    'no_tax_card - 200 nothing',
  ])
  const rules = [gate('protected_party', 'block_line')]
  assert.deepEqual(shown(judgePayments([run], facts(known, rules)).findings), [
    'protected_party 1 100 block_line',
    'protected_party 3 300 block_line',
    'no_tax_card - 200 nothing',
  ])
})

test('unusual for the benefit: ten times the average of enough, and above the limit; or a fixed limit', () => {
  const usual = Array.from({ length: 30 }, () => ({ kroner: 1_000 }))
  const big = (kroner: number) => runOf(...usual, { kroner })
  const found = (run: AssembledRun, rules: readonly LocalRule[] = []) =>
    shown(judgePayments([run], facts({}, rules)).findings)
  assert.deepEqual(found(big(30_000)), ['unusual_for_benefit 31 30000 ask'])
  assert.deepEqual(found(big(19_000)), [])
  assert.deepEqual(found(runOf({ kroner: 1_000 }, { kroner: 30_000 })), [], 'two say nothing of what is usual')
  const fixed = [gate('unusual_for_benefit', 'block_run', { benefit: 3, amount: 90_000 as Ore })]
  assert.deepEqual(found(runOf({ kroner: 900 }, { kroner: 899 }), fixed), ['unusual_for_benefit 1 900 block_run'])
  assert.deepEqual(found(runOf({ kroner: 900, benefit: 4 }), fixed), [], 'another benefit has its own')
})

test('what a person has let go is not held again for the same', () => {
  const rules = [gate('unusual_for_benefit', 'block_line', { amount: 10_000 as Ore })]
  const run = runOf({ kroner: 100 }, { kroner: 100, part: 64 })
  assert.deepEqual(shown(judgePayments([run], facts({}, rules)).findings), [
    'unusual_for_benefit 1 100 block_line',
    'unusual_for_benefit 2 100 ask',
  ])
})

test('the same to one payee of two orders is a double only for the same person and time', () => {
  const rent = { payee: 9, part: 2 }
  const run = runOf(
    { kroner: 100, ...rent },
    { kroner: 100, ...rent },
    { kroner: 90, ...rent },
    { kroner: 100, payee: 9 },
  )
  const { doubtful } = judgePayments([run], facts())
  const line = (rightHolder: number, orderKey: string, from: string, to: string) => ({
    rightHolder,
    orderKey,
    from: day(from),
    to: day(to),
  })
  const march = line(5, 'KY-1', '2026-03-01', '2026-04-01')
  const cases: [ReturnType<typeof line>, string[]][] = [
    [line(5, 'KY-2', '2026-03-15', '2026-04-01'), ['double_payment 1 100 ask']],
    [line(5, 'KY-2', '2026-04-01', '2026-05-01'), []],
    [line(6, 'KY-2', '2026-03-01', '2026-04-01'), []],
    [line(5, 'KY-1', '2026-03-01', '2026-04-01'), []],
  ]
  for (const [other, found] of cases) {
    const lines = new Map([
      [itemId(1_000, 1), march],
      [itemId(1_001, 1), other],
    ])
    assert.deepEqual(shown(judgeDoubtful(doubtful, { lastPaid: new Map(), longGone: new Map(), lines })), found)
  }
})

test('a closed month, a missing unit or account and an account above its limit are found of the run', () => {
  const run = runOf({ kroner: 100 }, { kroner: 200 })
  const found = (more: Partial<GateFacts>, rules: readonly LocalRule[] = []) =>
    shown(judgeRuns([run], facts(more, rules)))
  assert.deepEqual(found({}), [])
  assert.deepEqual(found({ closed: new Set([day('2026-03-01')]) }), ['closed_period - 300 block_run'])
  assert.deepEqual(found({ closed: new Set([day('2026-02-01')]) }), [])
  assert.deepEqual(found({ units: () => new Map() }), ['no_mapping - 300 block_run'])
  assert.deepEqual(found({ hasAccount: () => false }), ['no_mapping - 300 block_run'])
  const limit = (kroner: number) => [gate('liquidity', 'block_run', { amount: (kroner * 100) as Ore })]
  assert.deepEqual(found({}, limit(300)), [])
  assert.deepEqual(found({}, limit(299)), ['liquidity - 300 block_run'])
  assert.deepEqual(found({ alsoPaid: new Map([[`${DATE}:${UNIT}`, 100]]) }, limit(300)), ['liquidity - 301 block_run'])
})

test('a benefit is compared with last month, in kroner and per cent; never with nothing', () => {
  const run = runOf({ kroner: 100 })
  const found = (last: number, now: number) =>
    shown(judgeRuns([run], facts({ months: [{ source: KY, benefit: 3, last: last * 100, now: now * 100 }] })))
  assert.deepEqual(found(1_000_000, 1_200_000), ['benefit_change - 200000 ask'])
  assert.deepEqual(found(1_000_000, 1_199_999), [])
  assert.deepEqual(found(100_000, 149_999), [], 'half more, but little')
  assert.deepEqual(found(1_000_000, 0), ['benefit_change - -1000000 ask'])
  assert.deepEqual(found(0, 1_000_000), [])
})

test('who approves: the strictest rule, and two persons of what was made by hand and of large payments', () => {
  const release = (treatment: LocalRule['treatment'], more: Partial<LocalRule> = {}) =>
    rule('release', { treatment, ...more })
  const over = rule('two_approvers_over', { amount: 20_000 as Ore })
  const arranged = new Map([[4, { enteredBy: 'Ida', approvedBy: 'Bo', approvedOn: DATE, used: true }]])
  const found = [
    { runNo: 1, check: 'back_pay' as const, payment: 0, amount: 0 as Ore, effect: 'ask' as const, detail: {} },
  ]
  const noted = found.map((one) => ({ ...one, effect: 'nothing' as const }))
  const cases: [readonly LocalRule[], readonly Part[], NewFinding[], number, string[], string[]][] = [
    [[], [{ kroner: 100 }], found, 1, [], []],
    [[release('automatic')], [{ kroner: 100 }], [], 0, ['automatic'], []],
    [[release('automatic')], [{ kroner: 100 }], noted, 0, ['automatic'], []],
    [[release('automatic')], [{ kroner: 100 }], found, 1, ['automatic', 'found'], []],
    [[release('automatic', { benefit: 3 })], [{ kroner: 100 }, { kroner: 100, benefit: 4 }], [], 1, ['automatic'], []],
    [
      [release('automatic'), release('two', { benefit: 4 })],
      [{ kroner: 1 }, { kroner: 1, benefit: 4 }],
      [],
      2,
      ['automatic', 'two'],
      [],
    ],
    [[over], [{ kroner: 200 }], [], 1, [], []],
    [[over, release('automatic')], [{ kroner: 201 }], [], 2, ['large'], []],
    [[release('automatic')], [{ kroner: 1, arrangement: 4 }], [], 2, ['arranged'], ['Ida']],
    [[], [{ kroner: 1, part: 64 }], [], 2, ['again'], []],
  ]
  for (const [rules, parts, findings, approvers, reasons, makers] of cases) {
    const policy = policyOf(1, runOf(...parts).gathered, localRules(rules), arranged, findings)
    assert.deepEqual(policy, { runNo: 1, approvers, reasons, makers })
  }
})
