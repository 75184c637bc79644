/** A whole month of one municipality with the fake rail: what the source systems are told of it. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { testDatabase } from '../../../test/database.ts'
import { generateMonth } from '../../adapters/source-systems/generator/index.ts'
import { type Connection, connect } from '../../base/db.ts'
import { parseMonth, type Period } from '../../base/date.ts'
import {
  lastEventNo,
  publishEvents,
  readEvents,
  readOrderStatus,
  type SourceEvent,
} from '../../modules/events/index.ts'
import { builtInRateBook, lookup } from '../../modules/rates/index.ts'
import { fakeRail } from '../cli/fake-rail.ts'
import type { World } from '../cli/world.ts'
import { runMonth } from '../line/month.ts'
import { filesOf } from '../line/month-files.ts'
import { startPool } from '../line/pool.ts'
import { referenceOf } from '../reference.ts'

const CODE = 751
const book = builtInRateBook()
const { url } = await testDatabase({ reference: referenceOf(book) })
const told = new Map<number, SourceEvent[]>()
let loader: Connection
let reader: Connection

const dir = mkdtempSync(join(tmpdir(), 'toek-month-'))

before(async () => {
  const folders = { out: join(dir, 'out'), in: join(dir, 'in'), books: join(dir, 'books') }
  for (const folder of Object.values(folders)) mkdirSync(folder)
  const gen = join(dir, 'gen')
  await generateMonth({ month: '2026-03', municipalities: [CODE], scale: 0.05, seed: 3, out: gen })
  const root = resolve(import.meta.dirname, '../../..')
  const rail = await fakeRail({ root } as unknown as World, folders, lookup(book))
  const pool = startPool({ url, book, folders, who: 'test' }, 2)
  loader = await connect(url, 'loader')
  reader = await connect(url, 'reader')
  try {
    await runMonth(pool, {
      month: parseMonth('2026-03') as Period,
      municipalities: [CODE],
      files: await filesOf(gen, [CODE]),
      actors: { planner: 'planlægger', approver: 'godkender' },
      rail,
      incoming: folders.in,
      rates: lookup(book),
      // Left out on purpose: reading must not depend on statistics.
      refreshStatistics: async () => undefined,
      onStage: () => undefined,
      onDone: () => undefined,
    })
  } finally {
    await pool.close()
    await rail.quit()
  }
  await loader.transaction([CODE], (tx) => publishEvents(tx, [CODE]))
  for (const source of [1, 2, 3]) {
    told.set(source, await reader.transaction([CODE], (tx) => readEvents(tx, source, 0, 1_000_000)))
  }
})
after(async () => {
  await loader.close()
  await reader.close()

  rmSync(dir, { recursive: true, force: true })
})

const all = (): SourceEvent[] => [...told.values()].flat()
const oreOf = (kind: string): number =>
  all().reduce((sum, event) => sum + (event.kind === kind ? (event.amount_ore ?? 0) : 0), 0)
const one = async (sql: string): Promise<number> =>
  (await loader.db.first<{ n: number }>(`select coalesce(${sql}, 0)::bigint as n`))?.n ?? -1

test('every number that was given names an event, without a gap', async () => {
  for (const [source, events] of told) {
    assert.ok(events.length > 100, `${source}: ${events.length}`)
    assert.deepEqual(
      events.map((event) => event.event_no),
      events.map((_, i) => i + 1),
    )
    assert.equal(await reader.transaction([CODE], (tx) => lastEventNo(tx, source)), events.length)
  }
})

test('publishing again adds nothing, and a page from the middle is the same events', async () => {
  assert.equal(await loader.transaction([CODE], (tx) => publishEvents(tx, [CODE])), 0)
  const events = told.get(1) as SourceEvent[]
  for (let after = 0; after < events.length; after += 97) {
    const page = await reader.transaction([CODE], (tx) => readEvents(tx, 1, after, 97))
    assert.deepEqual(page, events.slice(after, after + 97))
  }
})

test('the money that is told is the money that moved', async () => {
  const sum = (kind: string, field: 'gross_ore' | 'tax_ore' | 'net_ore') =>
    all().reduce((total, event) => total + (event.kind === kind ? (event[field] ?? 0) : 0), 0)
  assert.equal(sum('calculated', 'gross_ore'), await one('(select sum(gross_ore) from calculations)'))
  assert.equal(sum('calculated', 'tax_ore'), await one('(select sum(tax_ore) from calculations)'))
  assert.equal(sum('calculated', 'net_ore'), await one('(select sum(net_ore) from calculations)'))
  assert.equal(oreOf('in_round'), await one('(select sum(amount_ore) from payments)'))
  assert.equal(oreOf('sent'), oreOf('in_round'))
  const accepted = `(select sum(p.amount_ore) from payments p join accepted_payments a
    on a.municipality_code = p.municipality_code and a.run_no = p.payment_id >> 24
      and a.numbers @> (p.payment_id & 16777215)::int)`
  assert.equal(oreOf('accepted') + oreOf('waiting_account'), await one(accepted))
  assert.equal(oreOf('returned'), await one('(select sum(amount_ore) from payment_returns)'))
  assert.ok(oreOf('returned') > 0)
  const left = `(select sum(-s.amount_ore) from statement_entries s
    where s.match = 'settled' and s.amount_ore < 0)`
  assert.ok(oreOf('paid') > 0)
  assert.equal(oreOf('paid'), await one(left))
  assert.equal(oreOf('claim_changed'), await one('(select sum(amount_ore) from claim_movements)'))
  assert.equal(oreOf('claim_opened'), await one('(select sum(amount_ore) from claims)'))
})

test('each system hears of its own orders only, in the order in which things happen to one', () => {
  const prefixes = ['', 'KY-', 'KSD-', 'KP-']
  for (const [source, events] of told) {
    const foreign = events.filter(
      (event) => event.order_key !== null && !event.order_key.startsWith(prefixes[source] ?? ''),
    )
    // A set-off against another system's claim is told to the owner of the claim.
    assert.deepEqual(
      foreign.filter((event) => event.kind !== 'claim_changed'),
      [],
    )
    const paid = events.find((event) => event.kind === 'paid') as SourceEvent
    const kinds = events.filter((event) => event.order_key === paid.order_key).map((event) => event.kind)
    assert.deepEqual(
      [...new Set(kinds)].filter((kind) => ['received', 'calculated', 'in_round', 'sent', 'paid'].includes(kind)),
      ['received', 'calculated', 'in_round', 'sent', 'paid'],
    )
  }
  const returned = all().filter((event) => event.kind === 'returned')
  for (const event of returned) assert.match(event.cause ?? '', /\.$/)
})

test('an order that was paid says so, and one that came back does not', async () => {
  const status = async (event: SourceEvent) => {
    const source = [...told].find(([, events]) => events.includes(event))?.[0] ?? 0
    return await reader.transaction([CODE], (tx) => readOrderStatus(tx, CODE, source, event.order_key ?? ''))
  }
  const lost = new Set(
    all()
      .filter((event) => event.kind === 'returned')
      .map((event) => event.order_key),
  )
  const paid = await status(all().find((event) => event.kind === 'paid' && !lost.has(event.order_key)) as SourceEvent)
  assert.equal(paid?.axes.paid.state, 'yes')
  assert.equal(paid?.axes.posted.state, 'yes')
  assert.equal(paid?.axes.reimbursed.state, 'no')
  const back = await status(all().find((event) => event.kind === 'returned') as SourceEvent)
  assert.notEqual(back?.axes.paid.state, 'yes')
  assert.ok(back?.items.some((item) => item.payments.some((payment) => payment.state === 'returned')))
})
