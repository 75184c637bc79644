/** Items for the tests of this module: plainly taxed, and what must be true of each at any time. */
import assert from 'node:assert/strict'
import { dayOf, type Period } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import { NOTHING_WITHHELD, type Withheld } from '../effectuation/index.ts'
import { type Chain, grossIn, type PaidItem, PLACES, type WantedLine } from './index.ts'

export const KONTANTHJAELP = 1
/** Taxed like kontanthjælp, and told as another kind of income. */
export const LEDIGHED = 5
export const TAX_FREE = 32

/** On the same terms, whatever the version. */
export const TERMS = { repayable: false, unit: 'month', thousandths: 1_000 } as const

/** A month of 2026. */
export function month(from: number): Period {
  return { from: dayOf(2026, from, 1), to: dayOf(2026, from + 1, 1) }
}

/** Taxed at 38 % above an allowance, with ATP and pension of its own; paid at the end of its month. */
export function paidItem({ at, benefit, period }: WantedLine, gross: Ore): PaidItem {
  const taxed = benefit !== TAX_FREE
  const ownAtp = taxed && gross > 500_000 ? 9_900 : 0
  const allowance = taxed ? Math.min(460_000, gross - ownAtp) : 0
  const base = Math.floor((gross - ownAtp - allowance) / 1_000) * 1_000
  const calculated: Withheld = {
    ownAtp,
    am: 0,
    tax: taxed ? Math.min(Math.ceil((base * 38) / 10_000) * 100, gross - ownAtp) : 0,
    employerAtp: ownAtp * 2,
    pension: taxed ? Math.round(((gross - ownAtp) * 21) / 100_000) * 100 : 0,
    allowance,
    frikort: 0,
  }
  const payDay = (period.to - 1) as Period['from']
  return {
    item: at,
    source: 1,
    payee: 1,
    payDay,
    dispositionDate: payDay,
    benefit,
    period,
    unit: 'month',
    thousandths: 1_000,
    gross,
    net: (gross - ownAtp - calculated.tax) as Ore,
    returned: (gross - ownAtp - calculated.tax) as Ore,
    thirdParty: 0 as Ore,
    setOff: 0 as Ore,
    taxRate: taxed ? 380_000 : 0,
    method: 'base_tens_tax_up',
    calculated,
    withheld: calculated,
    kinds: new Map([[String(benefit), calculated]]),
    standing: 'current',
    taken: [],
    spots: [{ place: 'stands', ref: at, at, gross, freed: NOTHING_WITHHELD }],
    stoodAt: [at],
    turns: 0,
  }
}

/** Everything that must be true of every item at any time. */
export function checkItems(decision: Pick<Chain, 'lines'> & { readonly items: readonly PaidItem[] }): void {
  for (const item of decision.items) {
    assert.equal(grossIn(item, PLACES), item.gross, 'every øre of the gross is in one place')
    for (const [name, amount] of Object.entries(item.withheld)) {
      assert.ok(amount >= 0 && amount <= item.calculated[name as keyof Withheld], `${name} is ${amount}`)
    }
    if (grossIn(item, ['withdrawn']) === item.gross) assert.deepEqual(Object.values(item.withheld), Array(7).fill(0))
    for (const [kind, told] of item.kinds) {
      const live = item.spots
        .filter(
          (lot) => lot.place !== 'claim' && lot.place !== 'withdrawn' && decision.lines.get(lot.at)?.kind === kind,
        )
        .reduce((sum, lot) => sum + lot.gross, 0)
      assert.ok(live - told.ownAtp >= 0, `income of kind ${kind}: ${live} - ${told.ownAtp}`)
      const { ownAtp, am, tax, employerAtp, pension } = told
      assert.ok(Math.min(ownAtp, am, tax, employerAtp, pension) >= 0, 'no kind of income is told less than nothing')
    }
    // What is claimed net of tax is the only thing that frees of tax.
    if (grossIn(item, ['claim', 'withdrawn']) === 0) assert.deepEqual(item.withheld, item.calculated)
  }
}
