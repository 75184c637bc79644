/**
 * Cards that change, as a table: told late, with effect from before, withdrawn, issued again, used up. The card is the
 * one that is valid on the day of payment; of several the one with the highest serial, whenever it came
 * (Skatteforvaltningen, oid=1745933).
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { day } from '../../base/date.ts'
import { ore } from '../../base/money.ts'
import { calculatePerson } from './calculate.ts'
import type { Calculation, CardUse } from './calculation.ts'
import { card, kroner, line, MARCH, order, period, person, rates } from './testing.ts'
import type { TaxCard } from './tax.ts'

const from = (date: string) => period(date, '2027-01-01')
/** Cards in the order in which they were told. */
const told = (...cards: Partial<TaxCard>[]) => cards.map((one, i) => card(751, { cardNo: i + 1, ...one }))
const free = (left: number, given: Partial<TaxCard> = {}): Partial<TaxCard> => {
  return { kind: 'frikort', rate: 0, frikortLeft: kroner(left), ...given }
}
const NONE: Partial<TaxCard> = { kind: 'none', rate: 0 }
const use = (cardNo: number, given: Partial<CardUse>): CardUse => {
  return { se: 55133018, cardNo, payPeriod: MARCH, allowance: ore(0), frikort: ore(0), ...given }
}

interface Case {
  readonly what: string
  readonly cards: readonly TaxCard[]
  readonly used?: readonly CardUse[]
  /** Else the last of March. */
  readonly paid?: string
  /** Kind, number, A-skat, and what it used of allowance and frikort, in kroner. */
  readonly is: readonly [string, number, number, number, number]
}

/** Of 12,498 kroner, own ATP 99: 12,399 to be taxed. */
const CASES: readonly Case[] = [
  { what: 'one card', cards: told({}), is: ['hovedkort', 1, 2_920, 4_500, 0] },
  {
    what: 'a new card from the 15th counts for what is paid on the 31st',
    cards: told({}, { rate: 410_000, valid: from('2026-03-15') }),
    is: ['hovedkort', 2, 3_235, 4_500, 0],
  },
  {
    what: 'and not for what was paid on the 10th',
    cards: told({}, { rate: 410_000, valid: from('2026-03-15') }),
    paid: '2026-03-10',
    is: ['hovedkort', 1, 2_920, 4_500, 0],
  },
  {
    what: 'it counts from its own day on, that day included',
    cards: told({}, { rate: 410_000, valid: from('2026-03-15') }),
    paid: '2026-03-15',
    is: ['hovedkort', 2, 3_235, 4_500, 0],
  },
  {
    what: 'a card told late with effect from before goes before a newer day with a lower serial',
    cards: told(
      { serial: 2026001 },
      { serial: 2026002, rate: 380_000, valid: from('2026-02-01') },
      { serial: 2026003, rate: 410_000 },
    ),
    is: ['hovedkort', 3, 3_235, 4_500, 0],
  },
  {
    what: 'a lower serial that comes last changes nothing',
    cards: told({ serial: 2026003, rate: 410_000 }, { serial: 2026002, rate: 380_000, valid: from('2026-02-01') }),
    is: ['hovedkort', 1, 3_235, 4_500, 0],
  },
  { what: 'withdrawn: 55 per cent, no allowance', cards: told({}, NONE), is: ['none', 0, 6_815, 0, 0] },
  { what: 'issued again', cards: told({}, NONE, { rate: 410_000 }), is: ['hovedkort', 3, 3_235, 4_500, 0] },
  {
    what: 'withdrawn by a lower serial that comes late: it stands',
    cards: told({ serial: 2026003 }, { ...NONE, serial: 2026002 }),
    is: ['hovedkort', 1, 2_920, 4_500, 0],
  },
  { what: 'changed to a second card', cards: told({}, { kind: 'bikort' }), is: ['bikort', 2, 4_585, 0, 0] },
  {
    what: 'a changed card has no new allowance for a month whose allowance is used',
    cards: told({}, { rate: 410_000 }),
    used: [use(1, { allowance: kroner(4_500) })],
    is: ['hovedkort', 2, 5_080, 0, 0],
  },
  {
    what: 'one with a larger allowance gives the rest of it',
    cards: told({}, { allowanceMonth: kroner(6_000) }),
    used: [use(1, { allowance: kroner(4_500) })],
    is: ['hovedkort', 2, 4_030, 1_500, 0],
  },
  { what: 'a frikort that comes late', cards: told({}, free(30_000)), is: ['frikort', 2, 0, 0, 12_399] },
  {
    what: 'a frikort used up to the last krone: 55 per cent of the rest',
    cards: told(free(30_000)),
    used: [use(1, { frikort: kroner(20_000) })],
    is: ['frikort', 1, 1_315, 0, 10_000],
  },
  {
    what: 'used up wholly',
    cards: told(free(30_000)),
    used: [use(1, { frikort: kroner(30_000) })],
    is: ['frikort', 1, 6_815, 0, 0],
  },
  {
    what: 'written down by the register (a new serial): its own balance counts, once',
    cards: told(free(30_000, { serial: 2026001 }), free(17_000, { serial: 2026002 })),
    used: [use(1, { frikort: kroner(13_000) })],
    is: ['frikort', 2, 0, 0, 12_399],
  },
  {
    what: 'the main card after a frikort that was used up',
    cards: told(free(30_000), {}),
    used: [use(1, { frikort: kroner(30_000) })],
    is: ['hovedkort', 2, 2_920, 4_500, 0],
  },
  {
    what: 'a card of last year is none',
    cards: told({ valid: period('2025-01-01', '2026-01-01') }),
    is: ['none', 0, 6_815, 0, 0],
  },
]

test('cards that change', () => {
  for (const { what, cards, used = [], paid = '2026-03-31', is } of CASES) {
    const due = order(1, [line(1, 0)], [], { dispositionDate: day(paid) })
    const c = calculatePerson(person([due], cards, { used }), rates).calculations[0] as Calculation
    assert.deepEqual([c.card, c.cardNo, c.tax / 100, c.allowanceUsed / 100, c.frikortUsed / 100], is, what)
  }
})
