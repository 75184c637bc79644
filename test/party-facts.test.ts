/**
 * Deaths, disappearances, bankruptcies, their taking back and new tax cards between any two steps of a month, with
 * crashes: nobody stopped is paid, nobody loses money, every øre is explained, and killed and resumed equals not
 * killed. `TOEK_FACTS="SEED HISTORIES"`: other histories, or more of them.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import type { Municipality } from '../src/base/id.ts'
import type { Failpoint } from '../src/entry/line/line.ts'
import { publishEvents, readEvents, type SourceEvent } from '../src/modules/events/index.ts'
import { verifyMunicipality } from '../src/modules/ledger/index.ts'
import { reconcileMunicipality } from '../src/modules/reconciliation/index.ts'
import { readWorkItems } from '../src/modules/work-items/index.ts'
import { checkTold } from './support/check-told.ts'
import { claimRows } from './support/facts-of.ts'
import { monthOf, type TestLine, testLine } from './support/line.ts'
import {
  begin,
  CITIZENS,
  COMPANIES,
  type Happening,
  ID,
  inForce,
  liveMonth,
  MONTHS,
  place,
  type Place,
  releasedParts,
  STEPS,
  tell,
  type Who,
} from './support/play-facts.ts'

const [SEED = 20_261_127, HISTORIES = 2] = (process.env['TOEK_FACTS'] ?? '').split(' ').filter(Boolean).map(Number)

let line: TestLine
before(async () => {
  line = await testLine()
})
after(() => line.close())

const ORDERS = ['KY-A', 'KY-B', 'KY-E', 'KY-D', 'KSD-C'].flatMap((name) => [`${name}-2026-03`, `${name}-2026-04`])
const POINTS: readonly Failpoint[] = [
  'intake:before-commit',
  'intake:after-commit',
  'calculate:after-copy',
  'calculate:after-commit',
  'run:assembled',
  'run:before-release',
  'run:after-release',
  'file:before-rename',
  'answers:before-commit',
  'answers:after-commit',
  'statement:before-commit',
  'statement:after-commit',
  'tell:before-record',
]

const event: fc.Arbitrary<Happening['what']> = fc.oneof(
  fc.record({
    kind: fc.constant('event' as const),
    who: fc.constantFrom<Who>(...CITIZENS),
    event: fc.constantFrom('death', 'missing', 'restored'),
  }),
  fc.record({
    kind: fc.constant('event' as const),
    who: fc.constantFrom<Who>(...COMPANIES),
    event: fc.constantFrom('bankruptcy', 'closed', 'restored'),
  }),
)
const release = fc.record({ kind: fc.constant('release' as const), order: fc.constantFrom(...ORDERS) })
const card = fc.record({
  kind: fc.constant('card' as const),
  who: fc.constantFrom<Who>(...CITIZENS),
  rate: fc.constantFrom(35, 38, 41),
})

const stopBefore = (step: Happening['step']): fc.Arbitrary<Happening> =>
  fc.record({
    month: fc.constantFrom<string>(...MONTHS.slice(0, 2)),
    step: fc.constant(step),
    what: fc.constantFrom<Who>(...CITIZENS, ...COMPANIES).map((who) => ({
      kind: 'event' as const,
      who,
      event: COMPANIES.some((one) => one === who) ? 'closed' : 'death',
    })),
  })

/** Within a step they come in the order in which they are listed. */
function history(cards: boolean): fc.Arbitrary<readonly Happening[]> {
  const what = cards ? fc.oneof(event, event, release, card) : fc.oneof(event, event, release)
  const one = fc.record({
    month: fc.constantFrom<string>(...MONTHS.slice(0, 2)),
    step: fc.constantFrom(...STEPS),
    what,
  })
  // The last moments before something is calculated, and before it leaves the house, come in every history.
  const sure = fc.tuple(stopBefore('calculate'), stopBefore('pay'))
  return fc
    .tuple(sure, fc.array(one, { minLength: 3, maxLength: 9, size: 'max' }))
    .map(([two, more]) => [...two, ...more])
}

/** Everything that anybody waits for is taken back, or let go by a person. */
async function settle(at: Place, byPerson: boolean): Promise<void> {
  for (const who of [...CITIZENS, ...COMPANIES]) {
    if (inForce(at, ID[who]).length === 0) continue
    // What goes on to a third party is let go with its order too.
    if (!byPerson) await tell(line, at, '2026-05', { kind: 'event', who, event: 'restored' })
  }
  if (byPerson) for (const order of ORDERS) await tell(line, at, '2026-05', { kind: 'release', order })
}

async function everythingIsExplained(code: Municipality, month: string): Promise<void> {
  await line.loader.transaction([code], async (tx) => {
    assert.equal(await verifyMunicipality(tx, code), undefined)
    const { clearing, findings } = await reconcileMunicipality(tx, code, monthOf(month), line.rates.book.accounts)
    assert.deepEqual(findings, [], `${code} ${month}`)
    for (const row of clearing) assert.equal(row.balance_ore, row.explained_ore, `${code} ${month} ${row.purpose}`)
  })
}

/** What reached whom of each order, what is told of it, what is left of the claim, and what the accounts stand at. */
async function outcome(code: Municipality) {
  const parts = await releasedParts(line, code)
  const paid = sums(parts.map((one) => [`${one.order_key} ${one.paid_to}`, one.amount]))
  await line.loader.transaction([...line.rates.known.municipalities], (tx) => publishEvents(tx, [code]))
  const told: SourceEvent[] = []
  for (const source of [1, 2])
    told.push(...(await line.reader.transaction([code], (tx) => readEvents(tx, source, 0, 100_000))))
  const events = told.filter((one) => one.kind === 'paid')
  assert.deepEqual(
    sums(events.map((one) => [one.order_key ?? '', one.amount_ore ?? 0])),
    sums(parts.map((one) => [one.order_key, one.amount])),
    'what is told as paid is what was paid',
  )
  const { clearing } = await line.loader.transaction([code], (tx) =>
    reconcileMunicipality(tx, code, monthOf('2026-05'), line.rates.book.accounts),
  )
  const claims = (await claimRows(line.loader.db, [code])).map((row) => [row.claim, row.left])
  return { paid, claims, accounts: clearing.map((row) => [row.source_system, row.purpose, row.balance_ore]) }
}

function sums(rows: readonly (readonly [string, number])[]): Record<string, number> {
  const all = new Map<string, number>()
  for (const [key, amount] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1))) all.set(key, (all.get(key) ?? 0) + amount)
  return Object.fromEntries(all)
}

test(`facts between any two steps stop nobody for ever and pay nobody wrongly (seed ${SEED})`, async () => {
  const free = line.rates.book.municipalities.filter((one) => one.taxMethod === 'base_tens_tax_up' && one.batchBooking)
  const next = (): Municipality => (free.pop() as { code: Municipality }).code
  const some = fc.sample(
    fc.tuple(
      fc.boolean().chain((cards) => fc.tuple(fc.constant(cards), history(cards))),
      fc.boolean(),
    ),
    { seed: SEED, numRuns: HISTORIES },
  )
  const crashes = fc.sample(fc.array(fc.constantFrom(...POINTS), { minLength: 2, maxLength: 4, size: 'max' }), {
    seed: SEED,
    numRuns: MONTHS.length,
  })
  const quiet = place(next(), [])
  const plain = [quiet, ...some.map(([[, happenings]]) => place(next(), happenings))]
  const killed = some.map(([[, happenings]]) => place(next(), happenings))
  for (const at of [...plain, ...killed]) await begin(line, at)
  for (const [i, month] of MONTHS.entries()) {
    if (month === '2026-05') {
      for (const [n, [, byPerson]] of some.entries()) {
        await settle(plain[n + 1] as Place, byPerson)
        await settle(killed[n] as Place, byPerson)
      }
    }
    await liveMonth(line, plain, month, [])
    await liveMonth(line, killed, month, crashes[i] ?? [])
    for (const at of [...plain, ...killed]) await everythingIsExplained(at.code, month)
  }
  const wanted = await outcome(quiet.code)
  for (const [n, [[cards, happenings]]] of some.entries()) {
    const [first, second] = [plain[n + 1] as Place, killed[n] as Place]
    const what = JSON.stringify(happenings)
    const one = await outcome(first.code)
    assert.deepEqual(await outcome(second.code), one, `killed and resumed: ${what}`)
    // Another card gives another tax; who is paid, and the claim, are the same.
    const seen = (of: typeof one) => (cards ? { paid: Object.keys(of.paid), claims: of.claims } : of)
    assert.deepEqual(seen(one), seen(wanted), what)
    for (const at of [first, second]) {
      await checkTold(line, [at.code])
      const { items } = await line.reader.transaction([at.code], (tx) => readWorkItems(tx, [at.code], 100))
      assert.deepEqual(
        items.map((item) => item.kind).filter((kind) => kind !== 'paid_after_event'),
        [],
        what,
      )
    }
  }
  assert.equal((await line.rail.get<{ doubles: number }>('/books')).doubles, 0)
})
