import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dayOf } from '../../base/date.ts'
import { itemId, type ItemId, orderOfItem } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { calculatePerson, type Calculation, NOTHING_WITHHELD, type Withheld } from '../effectuation/index.ts'
import { builtInRateBook, lookup } from '../rates/index.ts'
import { correct, grossIn, type Line, type PaidItem, standingOf, type WantedLine } from './index.ts'

const SEED = 2026_0310
const rates = lookup(builtInRateBook())
const SYGEDAGPENGE = rates.book.benefits.find((one) => one.key === 'sygedagpenge')?.benefit ?? 0
const period = { from: dayOf(2026, 3, 2), to: dayOf(2026, 3, 30) }

interface Wish {
  readonly gross: number
  readonly hours: number
  readonly repayable: boolean
}

/** One decision on four weeks of sygedagpenge, every version paid before the next. */
class Decision {
  lines = new Map<ItemId, Line>()
  items: PaidItem[] = []
  version = 0
  paidGross = 0

  apply({ gross, hours, repayable }: Wish): void {
    const order = ++this.version
    const at = itemId(order, 1)
    const key = { rightHolder: 1, benefit: SYGEDAGPENGE, component: 'x', period }
    const terms = { repayable, unit: 'hour', thousandths: hours * 1_000 } as const
    this.lines.set(at, { ...key, at, decision: 'KSD-1', version: order, lineKey: '1', kind: '070103', ...terms })
    const wanted: WantedLine[] = gross === 0 ? [] : [{ ...key, at, line: 1, gross: gross as Ore }]
    const made = correct(
      { wanted, settled: false, decision: 'KSD-1' },
      { lines: this.lines, items: this.items },
      new Map(),
      rates,
    )
    assert.ok(typeof made !== 'string')
    this.items = [...made.items]
    const [paid] = made.paid
    this.paidGross = paid?.gross ?? 0
    if (paid === undefined) return
    const standing =
      made.standing.get(1) ?? standingOf(wanted[0] as WantedLine, { lines: this.lines, items: this.items })
    const line = { item: at, line: 1, benefit: SYGEDAGPENGE, period, ...terms, gross: paid.gross, standing }
    const head = { order, person: 1, personIsCompany: false, dispositionDate: dayOf(2026, 4, 30) }
    const person = { municipality: 751, person: 1, cards: [], used: [], claims: [] }
    const made2 = calculatePerson({ ...person, orders: [{ ...head, benefits: [line], deductions: [] }] }, rates)
    this.items.push(paidItem(made2.calculations[0] as Calculation, terms))
  }

  sum(amountOf: (item: PaidItem) => number): number {
    return this.items.reduce((total, item) => total + amountOf(item), 0)
  }
}

function paidItem(c: Calculation, terms: { unit: 'hour'; thousandths: number }): PaidItem {
  const calculated: Withheld = {
    ownAtp: c.ownAtp,
    am: c.am,
    tax: c.tax,
    employerAtp: c.employerAtp,
    pension: c.pension,
    allowance: 0,
    frikort: 0,
  }
  const payDay = dayOf(2026, 4, 30)
  return {
    item: c.item,
    source: 2,
    benefit: SYGEDAGPENGE,
    period,
    ...terms,
    payee: 1,
    payDay,
    dispositionDate: payDay,
    gross: c.gross,
    net: c.net,
    returned: c.net,
    thirdParty: 0 as Ore,
    setOff: 0 as Ore,
    taxRate: c.taxRate,
    method: c.method,
    calculated,
    withheld: calculated,
    kinds: new Map([['070103', calculated]]),
    standing: 'current',
    taken: [],
    spots: [{ place: 'stands', ref: c.item, at: c.item, gross: c.gross, freed: NOTHING_WITHHELD }],
    stoodAt: [c.item],
    turns: 0,
  }
}

/** ATP of 37 hours a week is 52,54 kr., told down to whole kroner for each week; the payer's is the double. */
function owed(hours: number): { own: number; employer: number } {
  const weekly = (perHour: number) => Math.floor((perHour * hours) / 400) * 400
  return { own: weekly(142), employer: weekly(284) }
}

const wishes = fc.array(
  fc.record({
    gross: fc.oneof(
      { arbitrary: fc.integer({ min: 1_000_00, max: 19_000_00 }), weight: 3 },
      fc.constantFrom(18_500_00, 18_500_00, 0),
    ),
    hours: fc.constantFrom(20, 37, 74, 111, 148),
    repayable: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
)

test(`whatever the hours and the duty to repay were: ATP and pension end as the newest version says (seed ${SEED})`, () => {
  fc.assert(
    fc.property(wishes, (versions) => {
      const decision = new Decision()
      for (const [i, wish] of versions.entries()) {
        decision.apply(wish)
        const stands = decision.sum((item) => grossIn(item, ['stands']))
        assert.equal(stands, wish.gross, `version ${i + 1}: what stands is what is wanted`)
        // What has ended keeps its ATP until it is claimed.
        if (wish.gross === 0) continue
        const { own, employer } = owed(wish.hours)
        assert.equal(
          decision.sum((item) => item.withheld.ownAtp),
          own,
          `version ${i + 1}: own ATP`,
        )
        assert.equal(
          decision.sum((item) => item.withheld.employerAtp),
          employer,
          `version ${i + 1}: the payer's ATP`,
        )
        const isWhole = decision.sum((item) => grossIn(item, ['overpaid'])) === 0
        if (wish.repayable && isWhole)
          assert.equal(
            decision.sum((item) => item.withheld.pension),
            0,
            `version ${i + 1}: pension`,
          )
        for (const item of decision.items) {
          const { ownAtp, tax } = item.withheld
          assert.equal(item.gross, ownAtp + tax + item.net, `item ${orderOfItem(item.item)} is its parts`)
        }
      }
    }),
    { seed: SEED, numRuns: 500 },
  )
})

test('the duty to repay takes the pension away and gives it back, and nothing is paid', () => {
  const decision = new Decision()
  const wish = { gross: 18_500_00, hours: 148, repayable: false }
  const pension = () => decision.sum((item) => item.withheld.pension)
  decision.apply(wish)
  assert.equal(pension(), 384_00)
  decision.apply({ ...wish, repayable: true })
  assert.deepEqual([pension(), decision.paidGross], [0, 0])
  decision.apply(wish)
  assert.deepEqual([pension(), decision.paidGross], [384_00, 0])
})
