/**
 * A trial of nothing finds nothing: whatever came later, tax cards above all, each item is reckoned again to what was
 * calculated.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import type { Day } from '../src/base/date.ts'
import type { Municipality } from '../src/base/id.ts'
import { importFile } from '../src/entry/line/import-file.ts'
import { whatIf } from '../src/entry/line/what-if.ts'
import { type BookChange, changedBook, lookup } from '../src/modules/rates/index.ts'
import { calculate, inLine, MARCH, newLine, plan, plainOrder, plainOrders } from './support/change-law.ts'
import { type Dice, diceOf } from './support/dice.ts'
import { disorder } from './support/disorder.ts'
import { citizenOf, factFile, orderFile } from './support/files.ts'
import { cardOf, MONTHS } from './support/history-records.ts'
import type { TestLine } from './support/line.ts'
import { playMonth, playsFor } from './support/play-history.ts'
import { type Played, textOfCode } from './support/played-history.ts'

/** `TOEK_HISTORIES="SEED HISTORIES"`: another year. */
const [SEED = 20_261_130, HISTORIES = 3] = (process.env['TOEK_HISTORIES'] ?? '').split(' ').filter(Boolean).map(Number)

test(`every item of a year of corrections and late cards is reckoned again to the øre (seed ${SEED})`, async () => {
  const line = await newLine()
  const plays = await playsFor(line, SEED, { histories: HISTORIES, twins: 0 })
  const [roll, cards, files] = [diceOf(SEED), diceOf(SEED + 1), disorder(line, new Map(), new Set())]
  for (const now of MONTHS.keys()) {
    if (now > 0) for (const play of plays) await tellCards(line, play, MONTHS[now] as string, cards)
    await playMonth(line, plays, now, new Map(), roll, files)
  }
  const municipalities = plays.map((play) => play.code)
  const found = await tryNothing(line, municipalities)
  assert.ok(found.items > 20 * HISTORIES, `${found.items} items`)
  assert.deepEqual([found.not_reproduced, found.totals.items], [0, 0])
  assert.ok((await cameLater(line, municipalities)) > HISTORIES)
})

function tryNothing(line: TestLine, municipalities: readonly Municipality[]) {
  return whatIf(inLine(line), { municipalities, since: 0 as Day, after: line.rates })
}

/** Items of which a card of the day was told that their calculation did not see. */
async function cameLater(line: TestLine, municipalities: readonly Municipality[]): Promise<number> {
  const row = await line.loader.transaction(municipalities, (tx) =>
    tx.first<{ n: number }>(
      `select count(*) as n from calculations c join order_lines l using (municipality_code, order_id, line_no)
         join work_done d using (municipality_code, work_no)
       where c.municipality_code = any ($1) and c.tax_ore > 0 and exists (select from tax_cards t
         where t.municipality_code = c.municipality_code and t.party_id = l.right_holder and t.se = c.se
           and t.card_no > c.card_no and c.disposition_date >= t.valid_from and c.disposition_date < t.valid_to
           and t.intake_no > (d.totals->'seen'->>'intake')::int)`,
      [municipalities],
    ),
  )
  return row?.n ?? 0
}

/** Cards of days that were paid already: corrected by another, or told again. */
async function tellCards(line: TestLine, { code, histories }: Played, month: string, roll: Dice): Promise<void> {
  const municipality = textOfCode(code)
  const { cvr: se } = line.rates.municipality(code)
  const cards = histories.flatMap(({ citizens }) => {
    return citizens.flatMap((cpr) => {
      if (roll(3) > 0) return []
      const card = cardOf(roll, cpr, `2026-0${1 + roll(6)}-01`, '2027-01-01')
      const own = { ...card, municipality, se, serial: roll(2) * (1 + roll(12)) }
      return roll(4) === 0 ? [own, own] : [own]
    })
  })
  if (cards.length === 0) return
  const taken = await line.importText(factFile(`KORT-${municipality}-${month}`, municipality, month, cards), month)
  assert.deepEqual([taken.state, taken.refused], ['loaded', []])
}

const CODE = 751

function card(line: TestLine, percent: number, from: string): Record<string, unknown> {
  const { cvr: se } = line.rates.municipality(CODE)
  const head = { record: 'tax_card', municipality: textOfCode(CODE), cpr: citizenOf(3), se, card: 'bikort' }
  return { ...head, rate_percent: percent, valid_from: from }
}

async function tell(line: TestLine, knownAt: string, fact: Record<string, unknown>): Promise<void> {
  const text = factFile(`FAKTA-${knownAt}`, textOfCode(CODE), knownAt.slice(0, 7), [fact])
  async function* bytes() {
    yield await Promise.resolve(Buffer.from(text))
  }
  const { state, refused } = await importFile(inLine(line), bytes, { knownAt, actor: 'test' })
  assert.deepEqual([state, refused], ['loaded', []])
}

test('the card that a calculation saw: told after the day that its batch bears, and corrected when it was paid', async () => {
  const line = await newLine()
  await tell(line, '2026-02-20T09:00:00Z', card(line, 30, '2026-01-01'))
  await line.importText(plainOrders(CODE, [{ key: 'KY-1', months: [3] }]), MARCH)
  // Taken in by hand on the 20th, into the month's run: that bears the 1st.
  await tell(line, '2026-03-20T09:00:00Z', card(line, 35, '2026-03-01'))
  await line.runMonth(MARCH, [CODE])
  await tell(line, '2026-04-10T09:00:00Z', card(line, 50, '2026-01-01'))
  const other: BookChange = { kind: 'tax_method', municipality: '0751', from: '2026-01-01', method: 'exact_ore' }
  const taxes = new Map<string, number[]>()
  const trial = (name: string) =>
    whatIf(inLine(line), {
      municipalities: [CODE],
      since: 0 as Day,
      after: lookup(changedBook(line.rates.book, [other])),
      onItem: (_, { before, after }) => taxes.set(name, [before.tax, after.tax]),
    })
  assert.equal((await trial('seen')).not_reproduced, 0)
  const [before = 0, after = 0] = taxes.get('seen') ?? []
  assert.ok(Math.abs(before - after) < 1_000 && Math.abs(after - 0.35 * 1_255_000) < 10_000, `${before}, ${after}`)
  const stored = await line.loader.transaction([CODE], (tx) =>
    tx.first<{ tax: number }>('select tax_ore as tax from calculations where municipality_code = $1', [CODE]),
  )
  assert.equal(stored?.tax, before)
})

test('a batch that an older program calculated saw the cards of its time', async () => {
  const line = await newLine()
  await tell(line, '2026-02-20T09:00:00Z', card(line, 30, '2026-01-01'))
  await line.importText(plainOrders(CODE, [{ key: 'KY-1', months: [3] }]), MARCH)
  await line.runMonth(MARCH, [CODE])
  await tell(line, '2026-04-10T09:00:00Z', card(line, 50, '2026-01-01'))
  const owner = new pg.Client({ connectionString: line.url })
  await owner.connect()
  await owner.query(`update work_done set totals = totals - 'seen'`)
  await owner.end()
  const { items, not_reproduced } = await tryNothing(line, [CODE])
  assert.deepEqual([items, not_reproduced], [1, 0])
})

test('a card stopped what was not sent while another order of the same person was planned', async () => {
  const line = await newLine()
  const allowance = { card: 'hovedkort', allowance_month_ore: 500_000, allowance_week_ore: 1, allowance_day_ore: 1 }
  await tell(line, '2026-02-20T09:00:00Z', { ...card(line, 30, '2026-01-01'), ...allowance })
  await line.importText(plainOrders(CODE, [{ key: 'KY-1', months: [3] }]), MARCH)
  await calculate(line, CODE, MARCH)
  const beside = plainOrder(CODE, { key: 'KY-2', months: [3], amount: 700_000 })
  const lines = beside.lines.map((one) => ({ ...one, component: 'tillaeg', not_duplicate_of: 'KY-1/1' }))
  await line.importText(orderFile('KY-BESIDE', MARCH, [{ ...beside, lines }]), MARCH)
  const planned = await plan(line, CODE, MARCH)
  await tell(line, '2026-03-01T05:30:00Z', { ...card(line, 50, '2026-01-01'), ...allowance })
  await calculate(line, CODE, MARCH, planned)
  await line.runMonth(MARCH, [CODE])
  const used = await line.loader.transaction([CODE], (tx) =>
    tx.rows<{ ore: number }>(
      `select allowance_used_ore as ore from calculations where municipality_code = $1 and card > 0 order by work_no`,
      [CODE],
    ),
  )
  assert.deepEqual(
    used.map((one) => one.ore),
    [500_000, 500_000, 0],
  )
  const { items, not_reproduced } = await tryNothing(line, [CODE])
  assert.deepEqual([items, not_reproduced], [2, 0])
})

test('what an old system paid is as it was told, whatever the rule; its correction is reckoned beyond it', async () => {
  const line = await newLine()
  const place = { municipality: textOfCode(CODE), source_system: 'KY' }
  await tell(line, '2026-02-20T09:00:00Z', { record: 'takeover', ...place, date: '2026-03-01' })
  await tell(line, '2026-02-21T09:00:00Z', {
    record: 'paid_before',
    ...place,
    order_key: 'KY-1',
    line_key: '1',
    case_key: 'SAG-KY-1',
    decision: { key: 'A-KY-1', date: '2026-01-02' },
    beneficiary: { type: 'cpr', id: citizenOf(3) },
    benefit: 'kontanthjaelp',
    component: 'grundsats',
    period: { from: '2026-02-01', to: '2026-03-01' },
    quantity: { unit: 'month', value: '1' },
    kle: '32.24.04',
    gross_ore: 1_000_000,
    own_atp_ore: 9_000,
    am_ore: 0,
    tax_ore: 123_400,
    net_ore: 867_600,
    employer_atp_ore: 18_000,
    pension_ore: 12_300,
    tax_rate_percent: 20,
    allowance_ore: 300_000,
    disposition_date: '2026-02-27',
  })
  await line.importText(plainOrders(CODE, [{ key: 'KY-1', months: [2, 3] }]), MARCH)
  await line.runMonth(MARCH, [CODE])
  const { items, not_reproduced } = await tryNothing(line, [CODE])
  assert.deepEqual([items, not_reproduced], [3, 0])
  const none: BookChange = { kind: 'rate', name: 'tax_without_card', from: '2026-01-01', rate_percent: '60' }
  const after = lookup(changedBook(line.rates.book, [none]))
  const found = await whatIf(inLine(line), { municipalities: [CODE], since: 0 as Day, after })
  assert.equal(found.totals.items, 2)
})
