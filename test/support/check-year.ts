/**
 * The year of a municipality against everybody else's books: what the rail and the bank have, what the source systems
 * were told, what the ERP and eIndkomst were; and what people are shown against what was calculated.
 */
import assert from 'node:assert/strict'
import type { Municipality, PaymentId } from '../../src/base/id.ts'
import { publishEvents, readEvents, type SourceEvent } from '../../src/modules/events/index.ts'
import { endToEndIdOf } from '../../src/modules/payments/index.ts'
import { STOPPED_OF_PAYMENT } from '../../src/modules/payments/stopped.ts'
import { checkDay } from './check-day.ts'
import { checkShown } from './check-shown.ts'
import { checkFiles } from './check-told.ts'
import type { TestLine } from './line.ts'
import { type Played, textOfCode } from './played-history.ts'

/** A payment as the rail and the bank have it. */
interface RailPayment {
  readonly end_to_end_id: string
  readonly amount_ore: number
  readonly answer: number
  readonly waiting_account: boolean
  readonly debited: string | null
  readonly returned: string | null
}

/** Of every municipality. */
export async function readRail(line: TestLine): Promise<RailPayment[]> {
  const answer = await fetch(`http://127.0.0.1:${line.rail.port}/books/payments`)
  return (await answer.text())
    .split('\n')
    .filter(Boolean)
    .map((text) => JSON.parse(text) as RailPayment)
}

/** What does not agree is noted with the play. */
export async function checkYear(line: TestLine, play: Played, rail: readonly RailPayment[]): Promise<void> {
  const { code } = play
  const own = rail.filter((one) => one.end_to_end_id.startsWith(`${textOfCode(code)}R`))
  try {
    await paymentsAgree(line, code, own)
    await bankAgrees(line, code, own)
    await checkFiles(line, [code])
    await checkDay(line, [code], '2027-01')
    const told = play.ways.heard ? await eventsOf(line, code) : []
    if (play.ways.heard) {
      railAgrees(own, told)
      await positionsAgree(line, code, told)
    }
    await checkShown(line, play, told)
  } catch (error) {
    play.faults.push(`at the end of the year: ${(error as Error).stack}`)
  }
}

async function eventsOf(line: TestLine, code: Municipality): Promise<SourceEvent[]> {
  await line.loader.transaction([...line.rates.known.municipalities], (tx) => publishEvents(tx, [code]))
  return await line.reader.transaction([code], async (tx) => {
    const told: SourceEvent[] = []
    for (const source of [1, 2, 3]) told.push(...(await readEvents(tx, source, 0, 1_000_000)))
    return told.filter((event) => event.municipality === textOfCode(code))
  })
}

/** Payment by payment the source systems were told what the rail and the bank have. */
function railAgrees(rail: readonly RailPayment[], told: readonly SourceEvent[]): void {
  const kinds = ['sent', 'accepted', 'waiting_account', 'paid', 'returned'] as const
  const sums = new Map<string, number>()
  for (const { kind, end_to_end_id: id, amount_ore: ore } of told) {
    const is = kind === 'paid_again' ? 'paid' : kind
    if (!(kinds as readonly string[]).includes(is)) continue
    sums.set(`${id} ${is}`, (sums.get(`${id} ${is}`) ?? 0) + (ore ?? 0))
  }
  const theirs = new Map<string, number>()
  for (const { end_to_end_id: id, amount_ore: ore, ...one } of rail) {
    theirs.set(`${id} sent`, ore)
    if (one.answer === 8 || one.answer === 9)
      theirs.set(`${id} ${one.waiting_account ? 'waiting_account' : 'accepted'}`, ore)
    if (one.debited !== null) theirs.set(`${id} paid`, ore)
    if (one.answer !== 8) theirs.set(`${id} returned`, ore)
  }
  const sorted = (map: ReadonlyMap<string, number>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))
  assert.deepEqual(sorted(sums), sorted(theirs), 'left what was told, right what the rail and the bank have')
}

/** Payment by payment our own books are those of the rail and the bank. */
async function paymentsAgree(line: TestLine, code: Municipality, rail: readonly RailPayment[]): Promise<void> {
  const rows = await line.loader.db.rows<{ id: PaymentId; ore: number; answer: number; returned: boolean }>(
    `select p.payment_id as id, p.amount_ore - z.ore as ore, coalesce(r.answer, 8) as answer,
       coalesce(r.answer = 9, false) as returned
     from payments p ${STOPPED_OF_PAYMENT}
     join payment_run_steps s on s.municipality_code = $1 and s.run_no = (p.payment_id >> 24)::int and s.step = 'released'
     left join payment_returns r on r.municipality_code = $1 and r.payment_id = p.payment_id
     where p.municipality_code = $1 and not z.whole`,
    [code],
  )
  const ours = rows.map((one) => [endToEndIdOf(code, one.id), one.ore, one.answer, one.returned])
  const theirs = rail.map((one) => [one.end_to_end_id, one.amount_ore, one.answer, one.returned !== null])
  const sorted = (list: readonly unknown[][]) => list.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))
  assert.deepEqual(sorted(ours), sorted(theirs), 'left our payments, right those of the rail and the bank')
}

async function bankAgrees(line: TestLine, code: Municipality, rail: readonly RailPayment[]): Promise<void> {
  const { number } = line.rates.account('bank')
  const row = await line.loader.db.first<{ ore: number }>(
    `select coalesce(sum(debit_ore - credit_ore), 0)::bigint as ore from ledger_lines_v1
     where municipality = $1 and account = $2`,
    [code, number],
  )
  const sum = rail.reduce(
    (total, { amount_ore: ore, debited, returned }) =>
      total - (debited === null ? 0 : ore) + (returned === null ? 0 : ore),
    0,
  )
  assert.equal(row?.ore, sum, 'the bank account is what the bank has')
}

/** What a source system reckons from its events alone: amounts calculated, what is overpaid, what is left of claims. */
async function positionsAgree(line: TestLine, code: Municipality, told: readonly SourceEvent[]): Promise<void> {
  const { db } = line.loader
  const add = (map: Map<string, number>, key: string, ore: number) => map.set(key, (map.get(key) ?? 0) + ore)
  const theirs = new Map<string, number>()
  for (const event of told) {
    const { kind, order_key: order, version, line_key: key, claim_key: claim, amount_ore: ore } = event
    if (kind === 'calculated') {
      add(theirs, `${order} ${version} ${key} gross`, event.gross_ore ?? 0)
      add(theirs, `${order} ${version} ${key} tax`, event.tax_ore ?? 0)
      add(theirs, `${order} ${version} ${key} net`, event.net_ore ?? 0)
    }
    if (kind === 'overpaid') add(theirs, `${order} ${key} overpaid`, ore ?? 0)
    if (kind === 'claim_opened') add(theirs, `claim ${claim}`, ore ?? 0)
    if (kind === 'claim_changed') add(theirs, `claim ${claim}`, -(ore ?? 0))
  }
  const rows = await db.rows<{ what: string; ore: number }>(
    `select format('%s %s %s %s', o.order_key, o.version, coalesce(l.line_key, 'null'), f.field) as what, f.ore
     from calculations c join orders o using (municipality_code, order_id)
     left join order_lines l using (municipality_code, order_id, line_no)
     cross join lateral (values ('gross', c.gross_ore), ('tax', c.tax_ore), ('net', c.net_ore)) f (field, ore)
     where c.municipality_code = $1 and o.version > 0
     union all select format('%s %s overpaid', o.order_key, l.line_key), m.sign * m.gross_ore from (
         select municipality_code, to_ref as ref, 1 as sign, gross_ore from item_movements where to_place in (2, 6)
         union all select municipality_code, from_ref, -1, gross_ore from item_movements where from_place in (2, 6)) m
       join orders o on o.municipality_code = m.municipality_code and o.order_id = m.ref >> 6
       join order_lines l on l.municipality_code = m.municipality_code and l.order_id = m.ref >> 6
         and l.line_no = (m.ref & 63)::smallint
       where m.municipality_code = $1
     union all select 'claim ' || claim_key, amount_ore from claims where municipality_code = $1
     union all select 'claim ' || k.claim_key, -m.amount_ore from claim_movements m
       join claims k using (municipality_code, claim_id) where m.municipality_code = $1`,
    [code],
  )
  const ours = new Map<string, number>()
  for (const { what, ore } of rows) add(ours, what, ore)
  const sorted = (map: ReadonlyMap<string, number>) =>
    [...map].filter(([, ore]) => ore !== 0).sort(([a], [b]) => (a < b ? -1 : 1))
  assert.deepEqual(sorted(theirs), sorted(ours), 'left what the source systems reckon, right our own')
}
