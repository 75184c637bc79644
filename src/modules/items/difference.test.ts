import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dayOf, type Period } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import { type Calculated, type Difference, differenceOf, type ItemKey, type Open } from './index.ts'

const SEED = 2026_0009

function month(from: number, months = 1): Period {
  return { from: dayOf(2026, from, 1), to: dayOf(2026, from + months, 1) }
}
const key = (period: Period, more: Partial<ItemKey> = {}): ItemKey => ({
  rightHolder: 1,
  benefit: 1,
  component: 'grundsats',
  period,
  ...more,
})
const paid = (item: number, gross: number, of: ItemKey): Calculated => ({
  ...of,
  item,
  turn: item,
  at: item,
  gross: gross as Ore,
  standing: 'current',
})
const wants = (line: number, gross: number, of: ItemKey) => ({ ...of, line, gross: gross as Ore })

function derive(
  calculated: readonly Calculated[],
  wanted: readonly ReturnType<typeof wants>[],
  open: readonly Open[] = [],
): Difference {
  const difference = differenceOf({ wanted, calculated, open })
  assert.ok(difference !== 'unanswered')
  return difference
}

const NOTHING: Difference = { withdrawn: [], paid: [], moved: [], closed: [], overpaid: [] }
const [jan, feb, mar, apr] = [key(month(1)), key(month(2)), key(month(3)), key(month(4))]
const before = [paid(1, 1000, jan), paid(2, 1000, feb), paid(3, 1000, mar)]

/**
 * The catalogue of corrections. Paid: |jan 1000|feb 1000|mar 1000|. Each line of the table is a new version of the same
 * decision, drawn as what it wants; numbers of lines follow the drawing from the left.
 */
const CATALOGUE: readonly (readonly [string, readonly ReturnType<typeof wants>[], Partial<Difference>])[] = [
  // |jan 1000|feb 1000|mar 1000|
  ['the same again', [wants(1, 1000, jan), wants(2, 1000, feb), wants(3, 1000, mar)], {}],
  // |jan 1200|feb 1200|mar 1200|
  [
    'change the whole',
    [wants(1, 1200, jan), wants(2, 1200, feb), wants(3, 1200, mar)],
    {
      paid: [
        { line: 1, gross: 200 as Ore },
        { line: 2, gross: 200 as Ore },
        { line: 3, gross: 200 as Ore },
      ],
    },
  ],
  // |jan 1000|feb 1000|mar 700|
  [
    'change the tail',
    [wants(1, 1000, jan), wants(2, 1000, feb), wants(3, 700, mar)],
    { overpaid: [{ item: 3, at: 3, gross: 300 as Ore }] },
  ],
  // |jan 1000|feb 1300|mar 1000|
  [
    'change the middle',
    [wants(1, 1000, jan), wants(2, 1300, feb), wants(3, 1000, mar)],
    { paid: [{ line: 2, gross: 300 as Ore }] },
  ],
  // |jan 1000|feb 1000|mar 1000|apr 1000|
  [
    'extend behind',
    [wants(1, 1000, jan), wants(2, 1000, feb), wants(3, 1000, mar), wants(4, 1000, apr)],
    { paid: [{ line: 4, gross: 1000 as Ore }] },
  ],
  // |jan 1000|feb 1000|
  [
    'shorten behind',
    [wants(1, 1000, jan), wants(2, 1000, feb)],
    { overpaid: [{ item: 3, at: 3, gross: 1000 as Ore }] },
  ],
  //          |feb 1000|mar 1000|
  [
    'shorten in front',
    [wants(1, 1000, feb), wants(2, 1000, mar)],
    { overpaid: [{ item: 1, at: 1, gross: 1000 as Ore }] },
  ],
  //          |feb 1000|
  [
    'shorten at both ends',
    [wants(1, 1000, feb)],
    {
      overpaid: [
        { item: 1, at: 1, gross: 1000 as Ore },
        { item: 3, at: 3, gross: 1000 as Ore },
      ],
    },
  ],
  // (nothing)
  [
    'end the whole',
    [],
    {
      overpaid: [
        { item: 1, at: 1, gross: 1000 as Ore },
        { item: 2, at: 2, gross: 1000 as Ore },
        { item: 3, at: 3, gross: 1000 as Ore },
      ],
    },
  ],
  //          |feb 1000|mar 1000|apr 1000|      January is moved to April
  [
    'move',
    [wants(1, 1000, feb), wants(2, 1000, mar), wants(3, 1000, apr)],
    { moved: [{ item: 1, at: 1, line: 3, gross: 1000 as Ore }] },
  ],
  // |jan ─ 600 ─|jan ─ 400 ─|feb 1000|mar 1000|
  [
    'split a month in two',
    [
      wants(1, 600, key({ from: dayOf(2026, 1, 1), to: dayOf(2026, 1, 19) })),
      wants(2, 400, key({ from: dayOf(2026, 1, 19), to: dayOf(2026, 2, 1) })),
      wants(3, 1000, feb),
      wants(4, 1000, mar),
    ],
    {
      moved: [
        { item: 1, at: 1, line: 1, gross: 600 as Ore },
        { item: 1, at: 1, line: 2, gross: 400 as Ore },
      ],
    },
  ],
  // |jan 2000 of another benefit|feb 1000|     half of it was March's
  [
    'another benefit',
    [wants(1, 2000, key(month(1), { benefit: 2 })), wants(2, 1000, feb)],
    {
      moved: [
        { item: 1, at: 1, line: 1, gross: 1000 as Ore },
        { item: 3, at: 3, line: 1, gross: 1000 as Ore },
      ],
    },
  ],
  // |jan 1000 to another right holder|feb 1000|mar 1000|     never moved from one person to another
  [
    'another right holder',
    [wants(1, 1000, key(month(1), { rightHolder: 2 })), wants(2, 1000, feb), wants(3, 1000, mar)],
    { paid: [{ line: 1, gross: 1000 as Ore }], overpaid: [{ item: 1, at: 1, gross: 1000 as Ore }] },
  ],
]

for (const [name, wanted, expected] of CATALOGUE) {
  test(`a correction: ${name}`, () => {
    const difference = derive(before, wanted)
    assert.deepEqual(difference, { ...NOTHING, ...expected })
  })
}

test('October 266 → 133 and November 142 → 230: 88 are moved, 45 are overpaid, no money', () => {
  const [october, november] = [key(month(10)), key(month(11))]
  const difference = derive(
    [paid(1, 26_600, october), paid(2, 14_200, november)],
    [wants(1, 13_300, october), wants(2, 23_000, november)],
  )
  assert.deepEqual(difference, {
    ...NOTHING,
    moved: [{ item: 1, at: 1, line: 2, gross: 8_800 }],
    overpaid: [{ item: 1, at: 1, gross: 4_500 }],
  })
})

test('an increase closes what is overpaid, then claims, the newest first, then what was kept; the rest is paid', () => {
  const left = (kind: Open['kind'], id: number, gross: number): Open => ({
    ...jan,
    kind,
    item: 1,
    turn: 1,
    id,
    left: gross as Ore,
  })
  const difference = derive(
    [paid(1, 400, jan)],
    [wants(1, 1150, jan)],
    [
      left('kept', 6, 50),
      left('claim', 5, 40),
      left('claim', 7, 160),
      left('overpaid', 9, 100),
      left('overpaid', 8, 300),
    ],
  )
  assert.deepEqual(difference.closed, [
    { line: 1, kind: 'overpaid', item: 1, id: 8, gross: 300 },
    { line: 1, kind: 'overpaid', item: 1, id: 9, gross: 100 },
    { line: 1, kind: 'claim', item: 1, id: 7, gross: 160 },
    { line: 1, kind: 'claim', item: 1, id: 5, gross: 40 },
    { line: 1, kind: 'kept', item: 1, id: 6, gross: 50 },
  ])
  assert.deepEqual(difference.paid, [{ line: 1, gross: 100 }])
})

test('what was never sent is replaced whole, what came back is paid anew, what is unanswered waits', () => {
  const with_ = (standing: Calculated['standing']) => [{ ...paid(1, 1000, jan), standing }]
  for (const standing of ['unsent', 'returned'] as const) {
    const difference = derive(with_(standing), [wants(1, 700, jan)])
    assert.deepEqual(difference, { ...NOTHING, withdrawn: [1], paid: [{ line: 1, gross: 700 }] })
  }
  assert.equal(differenceOf({ wanted: [], calculated: with_('unanswered'), open: [] }), 'unanswered')
})

// ---- random histories ---------------------------------------------------------------------------------------------

interface Version {
  readonly lines: readonly { readonly key: ItemKey; readonly gross: number }[]
  /** Of each calculation of the version before: 0 not sent yet, 1 sent back, else accepted. */
  readonly answers: readonly number[]
  /** Of each overpaid that is open: whether it becomes a claim. */
  readonly decided: readonly boolean[]
}

const keys = fc.record({
  rightHolder: fc.constantFrom(1, 2),
  benefit: fc.constantFrom(1, 2),
  component: fc.constantFrom('a', 'b'),
  period: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 2 })).map(([m, n]) => month(m, n)),
})
const versions: fc.Arbitrary<Version[]> = fc.array(
  fc.record({
    lines: fc.array(fc.record({ key: keys, gross: fc.integer({ min: 1, max: 2_000 }) }), { maxLength: 6 }),
    answers: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 12 }),
    decided: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  }),
  { minLength: 1, maxLength: 12 },
)

function textOf({ period, rightHolder, benefit, component }: ItemKey): string {
  return `${period.from}-${period.to}/${rightHolder}/${benefit}/${component}`
}

/** The books of one decision, kept the plain way: what stands, what is open, and every krone that went out. */
class Books {
  calculated: Calculated[] = []
  open: Open[] = []
  next = 1

  apply(lines: Version['lines']): void {
    const wanted = lines.map((one, i) => wants(i + 1, one.gross, one.key))
    const difference = derive(this.calculated, wanted, this.open)
    const first = this.next
    this.next += wanted.length + 1
    const keyOf = (line: number) => wanted[line - 1] as ItemKey & { line: number } satisfies ItemKey
    const take = (item: number, at: number, gross: number): Calculated => {
      const found = this.calculated.find((one) => one.item === item && one.at === at)
      assert.ok(found && found.gross >= gross && found.standing === 'current', 'only what is had can be taken')
      this.calculated = this.calculated
        .map((one) => (one === found ? { ...one, gross: (one.gross - gross) as Ore } : one))
        .filter((one) => one.gross > 0)
      return found
    }
    this.calculated = this.calculated.filter((one) => !difference.withdrawn.includes(one.item))
    for (const { line, kind, item, id, gross } of difference.closed) {
      const open = this.open.find((one) => one.item === item && one.id === id && one.kind === kind)
      assert.ok(open && open.left >= gross, 'nothing is closed twice')
      this.open = this.open.map((one) => (one === open ? { ...one, left: (one.left - gross) as Ore } : one))
      this.add(keyOf(line), item, first + line, gross, 'current')
    }
    for (const { item, at, line, gross } of difference.moved) {
      take(item, at, gross)
      this.add(keyOf(line), item, first + line, gross, 'current')
    }
    for (const { item, at, gross } of difference.overpaid) {
      const { rightHolder, benefit, component, period } = take(item, at, gross)
      const open = this.open.find((one) => one.item === item && one.id === at && one.kind === 'overpaid')
      if (open !== undefined) {
        this.open = this.open.map((one) => (one === open ? { ...one, left: (one.left + gross) as Ore } : one))
      } else
        this.open.push({
          rightHolder,
          benefit,
          component,
          period,
          kind: 'overpaid',
          item,
          turn: item,
          id: at,
          left: gross,
        })
    }
    for (const { line, gross } of difference.paid) this.add(keyOf(line), first + line, first + line, gross, 'unsent')
  }

  /** What stands at a line of one item is one position, however it came there. */
  add(key: ItemKey, item: number, at: number, gross: Ore, standing: Calculated['standing']): void {
    const { rightHolder, benefit, component, period } = key
    const found = this.calculated.find((one) => one.item === item && one.at === at)
    if (found === undefined) {
      this.calculated.push({ rightHolder, benefit, component, period, gross, standing, item, turn: item, at })
    } else {
      this.calculated = this.calculated.map((one) =>
        one === found ? { ...one, gross: (one.gross + gross) as Ore } : one,
      )
    }
  }

  answer({ answers, decided }: Version): void {
    this.calculated = this.calculated.map((one, i) => {
      const answer = answers[i % answers.length] ?? 9
      return one.standing !== 'unsent' || answer === 0
        ? one
        : { ...one, standing: answer === 1 ? 'returned' : 'current' }
    })
    this.open = this.open.map((one, i) =>
      one.kind === 'overpaid' && decided[i % decided.length] === true
        ? i % 3 === 0
          ? { ...one, kind: 'kept' }
          : { ...one, kind: 'claim', id: this.next++ }
        : one,
    )
  }

  /** What each item comes to. */
  stands(): Map<string, number> {
    const stands = new Map<string, number>()
    for (const one of this.calculated.filter((item) => item.gross > 0)) {
      stands.set(textOf(one), (stands.get(textOf(one)) ?? 0) + one.gross)
    }
    return stands
  }
}

function wantedBy(lines: Version['lines']): Map<string, number> {
  const wanted = new Map<string, number>()
  for (const { key: of, gross } of lines) wanted.set(textOf(of), (wanted.get(textOf(of)) ?? 0) + gross)
  return wanted
}

test(`random histories: every item comes to what the newest version wants (seed ${SEED})`, () => {
  fc.assert(
    fc.property(versions, (history) => {
      const books = new Books()
      for (const version of history) {
        books.apply(version.lines)
        assert.deepEqual(new Map([...books.stands()].sort()), new Map([...wantedBy(version.lines)].sort()))
        const still = derive(
          books.calculated.map((one) => ({ ...one, standing: 'current' })),
          version.lines.map((one, i) => wants(i + 1, one.gross, one.key)),
          books.open,
        )
        assert.deepEqual(still, NOTHING, 'the same version again changes nothing')
        books.answer(version)
      }
    }),
    { seed: SEED, numRuns: 1_000 },
  )
})

test(`random histories: nobody is paid and overpaid at once, and nothing follows from the order of facts (seed ${SEED})`, () => {
  fc.assert(
    fc.property(versions, (history) => {
      const books = new Books()
      for (const version of history) {
        const wanted = version.lines.map((one, i) => wants(i + 1, one.gross, one.key))
        const difference = derive(books.calculated, wanted, books.open)
        const reversed = derive(books.calculated.toReversed(), wanted.toReversed(), books.open.toReversed())
        assert.deepEqual({ ...reversed, withdrawn: reversed.withdrawn.toReversed() }, difference)
        const holders = new Map(books.calculated.map((one) => [one.item, one.rightHolder]))
        const overpaid = new Set(difference.overpaid.map((one) => holders.get(one.item)))
        for (const { line } of difference.paid) {
          assert.ok(!overpaid.has(wanted[line - 1]?.rightHolder), 'one decision pays a person or has overpaid them')
        }
        books.apply(version.lines)
        books.answer(version)
      }
    }),
    { seed: SEED, numRuns: 1_000 },
  )
})
