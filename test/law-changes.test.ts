/**
 * A law change from entered to applied; and what was calculated or planned before it stands as it was, explained by the
 * rates of its own time.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Day, dayOf } from '../src/base/date.ts'
import type { Municipality } from '../src/base/id.ts'
import { approveLawChange, enterLawChange } from '../src/entry/line/change-law.ts'
import { holdPayment, letPaymentGo } from '../src/entry/line/hold-payments.ts'
import { whatIf } from '../src/entry/line/what-if.ts'
import { findWork, readSpecification } from '../src/modules/overview/index.ts'
import {
  type BookChange,
  type LawChange,
  readApprovedLaws,
  readLaws,
  withApprovedLaws,
} from '../src/modules/rates/index.ts'
import { readWorkItems } from '../src/modules/work-items/index.ts'
import { checkTold } from './support/check-told.ts'
import {
  again,
  APRIL,
  approve,
  approved,
  calculate,
  enter,
  generated,
  importAll,
  inLine,
  MARCH,
  newLine,
  pass,
  plan,
  tryOn,
} from './support/change-law.ts'
import { monthOf, type TestLine } from './support/line.ts'

test('refused: by who entered it, untried, with other figures, after more was calculated, twice; then it applies', async () => {
  const line = await newLine()
  const [code, other] = [621, 101] as const
  await importAll(line, await generated(code, MARCH), MARCH)
  await calculate(line, code, MARCH)
  const pension = { kind: 'rate', name: 'obligatory_pension', from: '2026-04-01', rate_percent: '3' } as const
  const law = await enter(line, [pension])
  const act = { items: 0, net: 0, at: '2026-02-12T09:00:00Z', by: 'Bente' }
  const refused = (by: object, code: string) =>
    assert.rejects(approveLawChange(inLine(line), law.changeNo, { ...act, ...by }), { code })
  await refused({}, 'law_untested')
  const { found } = await tryOn(line, law.changeNo, [code])
  assert.equal(found.totals.items, 0, 'nothing of March is of April')
  await refused({ by: 'Anna' }, 'four_eyes')
  await refused({ items: 1 }, 'stale_total')
  await refused({ net: -1 }, 'stale_total')
  await importAll(line, await generated(other, MARCH, 40), MARCH)
  await calculate(line, other, MARCH)
  await refused({}, 'stale_test')
  await tryOn(line, law.changeNo, [code, other])
  await importAll(line, await generated(code, APRIL), APRIL)
  await calculate(line, code, APRIL)
  await refused({}, 'stale_test')
  const { found: newest } = await tryOn(line, law.changeNo, [code, other])
  assert.ok(newest.totals.pension_ore > 0)
  // From a month before its date it is a task everywhere that it is not approved.
  assert.deepEqual(await secondPerson(line, code, '2026-02-28T20:00:00Z'), [])
  assert.deepEqual(await secondPerson(line, code, '2026-03-05T20:00:00Z'), [`law ${law.changeNo}`])
  await approve(line, law, newest)
  assert.deepEqual(await secondPerson(line, code, '2026-04-05T20:00:00Z'), [])
  await refused({}, 'law_approved')
  await refused({ by: 'Anna' }, 'law_approved')
  const second = await enter(line, [{ ...pension, rate_percent: '4' }])
  const third = await enter(line, [{ ...pension, rate_percent: '5' }])
  const tried = await tryOn(line, second.changeNo, [code, other])
  await approve(line, third, (await tryOn(line, third.changeNo, [code, other])).found)
  await assert.rejects(approve(line, second, tried.found), {
    code: 'stale_test',
    message: /Another change was approved/,
  })
  await assert.rejects(enterLawChange(inLine(line), third, await shaOf(line, third), { at: act.at, by: 'Carl' }), {
    code: 'law_entered',
  })
  const audits = await line.loader.transaction([code, other], (tx) =>
    tx.rows('select municipality_code, actor, subject from audit_log where command = $1 order by 3, 1', [
      'law.approve',
    ]),
  )
  assert.equal(audits.length, 4, 'each municipality sees both in its log')
})

async function secondPerson(line: TestLine, code: Municipality, at: string): Promise<string[]> {
  return await line.loader.transaction([code], async (tx) => {
    await findWork(tx, [code], at)
    const { items } = await readWorkItems(tx, [code], 100)
    return items.filter((item) => item.kind === 'second_person').map((item) => item.subject)
  })
}

async function shaOf(line: TestLine, { changeNo }: LawChange): Promise<Uint8Array> {
  const row = await line.loader.db.first<{ sha: Uint8Array }>(
    'select file_sha256 as sha from law_changes where change_no = $1',
    [changeNo],
  )
  assert.ok(row)
  return row.sha
}

interface Shown {
  readonly order_key: string
  readonly pension: number
  readonly base: number
  readonly source: string
}

/** Pension of the first orders of a month, with the source that its explanation names. Explaining asserts each line. */
async function pensions(line: TestLine, code: Municipality, month: string): Promise<Shown[]> {
  const { loader } = line
  // As another program has it that starts now: with every approved change.
  const { rates } = await approved(line)
  return await loader.transaction([code], async (tx) => {
    const { from, to } = monthOf(month)
    const orders = await tx.rows<{ order_key: string; version: number }>(
      `select distinct o.order_key, o.version from orders o join calculations c on c.municipality_code = $1
         and c.order_id = o.order_id
       where o.municipality_code = $1 and c.disposition_date >= '1970-01-01'::date + $2::int
         and c.disposition_date < '1970-01-01'::date + $3::int order by 1 desc, 2 limit 60`,
      [code, from, to],
    )
    const shown: Shown[] = []
    for (const { order_key: orderKey, version } of orders) {
      const spec = await readSpecification(tx, code, { orderKey, version }, rates)
      for (const { calculation } of spec?.items ?? []) {
        for (const { kind, amount, basis, source } of calculation?.lines ?? []) {
          if (kind === 'pension') shown.push({ order_key: orderKey, pension: amount, base: basis ?? 0, source })
        }
      }
    }
    return shown
  })
}

test('two municipalities: applied from its date, shown with its legal source; March is told and explained as before', async () => {
  const line = await newLine()
  const codes = [621, 101] as const
  for (const code of codes) await importAll(line, await generated(code, MARCH, 60), MARCH)
  await line.runMonth(MARCH, codes)
  await pass(line, [{ kind: 'rate', name: 'obligatory_pension', from: '2026-04-01', rate_percent: '3' }], codes)
  for (const code of codes) await importAll(line, await generated(code, APRIL, 60), APRIL)
  const closed = await line.runMonth(APRIL, codes)
  for (const { findings } of closed.reconciliations) assert.deepEqual(findings, [])
  await checkTold(line, codes)
  for (const code of codes) {
    const march = await pensions(line, code, MARCH)
    const april = await pensions(line, code, APRIL)
    assert.ok(march.length > 10 && march.every((one) => one.source.includes('§ 80 c')), 'March by the rate that ships')
    const changed = april.filter((one) => one.source.includes('LOV nr'))
    assert.ok(changed.length > 10)
    for (const { base, pension } of changed) assert.ok(Math.abs(pension - base * 0.03) <= 250, `${pension} of ${base}`)
  }
})

test('as known on a day: what was entered, tried and approved by then, and the rates of that book', async () => {
  const line = await newLine()
  const code = 621
  await importAll(line, await generated(code, MARCH, 20), MARCH)
  await calculate(line, code, MARCH)
  await pass(line, [{ kind: 'rate', name: 'am_bidrag', from: '2026-01-01', rate_percent: '9' }], [code])
  const known = async (at: string) => {
    const [law] = await readLaws(line.loader.db, at)
    const rates = await withApprovedLaws(line.loader.db, line.rates, at)
    return [
      law !== undefined,
      law?.test !== undefined,
      law?.approval?.by,
      rates.rate('am_bidrag', dayOf(2026, 3, 1)).rate,
    ]
  }
  assert.deepEqual(await known('2026-02-09T23:59:59Z'), [false, false, undefined, 80_000])
  assert.deepEqual(await known('2026-02-10T23:59:59Z'), [true, false, undefined, 80_000])
  assert.deepEqual(await known('2026-02-11T23:59:59Z'), [true, true, undefined, 80_000])
  assert.deepEqual(await known('2026-02-12T23:59:59Z'), [true, true, 'Bente', 90_000])
  assert.equal((await readApprovedLaws(line.loader.db)).length, 1)
})

/** Rows of the calculations without what differs between databases: nothing does. */
async function rowsOf(line: TestLine, code: Municipality): Promise<string[]> {
  const rows = await line.loader.transaction([code], (tx) =>
    tx.rows<{ text: string }>('select c::text as text from calculations c where municipality_code = $1 order by 1', [
      code,
    ]),
  )
  return rows.map((row) => row.text)
}

test('planned before the approval and killed: resumed, it gives the same; what is planned after uses the change', async () => {
  const [killed, calm] = [await newLine(), await newLine()]
  const code = 621
  const texts = await generated(code, MARCH, 100)
  const { KP = '', ...most } = texts
  for (const line of [killed, calm]) await importAll(line, most, MARCH)
  const works = await plan(killed, code, MARCH)
  await calculate(calm, code, MARCH)
  const pension = { kind: 'rate', name: 'obligatory_pension', from: '2026-01-01', rate_percent: '5' } as const
  await pass(killed, [pension], [code])
  // The program that resumes knows the change; its work was planned without it.
  await calculate(killed, code, MARCH, works)
  assert.deepEqual(await rowsOf(killed, code), await rowsOf(calm, code))
  assert.ok((await pensions(killed, code, MARCH)).every((one) => !one.source.includes('LOV nr')))
  await importAll(killed, again(most, MARCH, 2), MARCH)
  await importAll(killed, { KP }, MARCH)
  await calculate(killed, code, MARCH)
  const uses = await killed.loader.transaction([code], (tx) =>
    tx.rows<{ first_work_no: number }>('select first_work_no from law_uses'),
  )
  assert.ok(uses.length === 1 && (uses[0]?.first_work_no ?? 0) > Math.max(...works))
  const shown = await pensions(killed, code, MARCH)
  assert.ok(shown.some((one) => one.source.includes('LOV nr')) && shown.some((one) => one.source.includes('§ 80 c')))
})

test('a rate, an account and a kind of income changed backwards in time: what was paid is listed, and corrected by its own book', async () => {
  const line = await newLine()
  const code = 621
  const texts = await generated(code, MARCH, 150)
  await importAll(line, texts, MARCH)
  await line.runMonth(MARCH, [code])
  const was = await pensions(line, code, MARCH)
  const backwards: readonly BookChange[] = [
    { kind: 'rate', name: 'obligatory_pension', from: '2026-01-01', rate_percent: '4.2' },
    { kind: 'account', number: '5.57.73.1.077', name: 'Kontanthjælp, ny gruppering' },
    {
      kind: 'benefit',
      benefit: 'kontanthjaelp',
      from: '2026-01-01',
      cost_account: '5.57.73.1.077',
      income_kind: '0099',
      pension_cost_account: '8.51.52.5.124',
    },
  ]
  const found = await pass(line, backwards, [code])
  assert.ok(found.totals.recoded_ore > 0)
  const listed = await whatIf(await approved(line), {
    municipalities: [code],
    since: 0 as Day,
    after: (await approved(line)).rates,
  })
  assert.deepEqual(listed.totals, found.totals, 'what is left to be corrected is what was tried')
  assert.deepEqual(await pensions(line, code, MARCH), was, 'and is explained as it was paid')
  // Every third order is raised, every third lowered, every third the same.
  const second = again(texts, APRIL, 2, (ore, i) => [ore, ore + 50_000, Math.max(1, ore - 50_000)][i % 3] ?? ore)
  await importAll(line, second, APRIL)
  const closed = await line.runMonth(APRIL, [code])
  for (const { findings } of closed.reconciliations) assert.deepEqual(findings, [])
  await checkTold({ ...line, rates: (await approved(line)).rates }, [code])
  // A raise brings the pension of the whole to the new rate; of what is the same or lowered it stays as it was paid.
  const raised = (await pensions(line, code, APRIL)).filter((one) => one.source.includes('LOV nr'))
  const paid = Map.groupBy(was, (one) => one.order_key)
  const alone = [...Map.groupBy(raised, (one) => one.order_key)].filter(
    ([key, own]) => own.length === 1 && paid.get(key)?.length === 1,
  )
  assert.ok(alone.length > 10)
  for (const [key, [one]] of alone) {
    const whole = (paid.get(key)?.[0]?.pension ?? 0) + (one?.pension ?? 0)
    // To the nearest krone, of some by the week.
    assert.ok(Math.abs(whole - (one?.base ?? 0) * 0.042) <= 250, `${key}: ${whole} of ${one?.base}`)
  }
  const account = await line.loader.db.first('select key, number from accounts where account >= 100000')
  assert.deepEqual(account, { key: 'law:5.57.73.1.077', number: '5.57.73.1.077' })
  // Everything that stands is on the new account: what was paid before has been moved there.
  const booked = await line.loader.transaction([code], (tx) =>
    tx.first<{ ore: number; stands: number; moved: number }>(
      `select (select sum(l.debit_ore - l.credit_ore)::bigint from ledger_lines_v1 l where l.municipality = $1
           and l.account = '5.57.73.1.077') as ore,
         (select sum(c.gross_ore + coalesce(m.more, 0))::bigint from calculations c left join lateral (
             select sum(case m.to_place when 0 then m.gross_ore else 0 end
               - case m.from_place when 0 then m.gross_ore else 0 end) as more from item_movements m
             where m.municipality_code = $1 and m.item_id = c.order_id * 64 + c.line_no) m on true
           where c.municipality_code = $1 and c.benefit = 1) as stands,
         (select count(*) from item_movements m where m.municipality_code = $1 and m.from_place = 0
           and m.to_place = 0) as moved`,
      [code],
    ),
  )
  assert.equal(booked?.ore, booked?.stands)
  assert.ok((booked?.moved ?? 0) > 20)
})

test('a closing day: what falls on it is paid on the bank day before, in that municipality alone', async () => {
  const line = await newLine()
  const [code, other] = [621, 101] as const
  for (const one of [code, other]) await importAll(line, await generated(one, APRIL, 100), APRIL)
  const closing = { kind: 'closing_days', municipality: '0621', days: ['2026-04-30'] } as const
  const law = await enter(line, [closing])
  await approve(line, law, (await tryOn(line, law.changeNo, [code])).found)
  await line.runMonth(APRIL, [code], 'waits')
  // Held, and let go by a person who names that day: two bank days after its own, the closed one not among them.
  const letGoOn = await line.loader.inTurn(code, async (tx) => {
    const found = await tx.first<{ payment: number }>(
      `select max(payment_id) as payment from payments
      where municipality_code = $1`,
      [code],
    )
    const payment = found?.payment as number
    const act = { municipality: code, payment, reason: 'ses efter', at: '2026-04-22T10:00:00Z', by: 'ida' }
    await holdPayment(tx, act)
    await letPaymentGo(tx, line.rates, { ...act, on: dayOf(2026, 4, 30) })
    return await tx.rows<{ date: Day }>(
      'select distinct disposition_date as date from parts_again where municipality_code = $1',
      [code],
    )
  })
  assert.deepEqual(letGoOn, [{ date: dayOf(2026, 5, 4) }])
  await line.runMonth(APRIL, [code, other])
  const dates = async (one: Municipality) =>
    await line.loader.transaction([one], (tx) =>
      tx.rows<{ date: Day; payments: number }>(
        `select disposition_date as date, payments from payment_runs where municipality_code = $1
           and disposition_date >= '2026-04-29' order by 1`,
        [one],
      ),
    )
  assert.deepEqual(
    (await dates(code)).map((row) => row.date),
    [dayOf(2026, 4, 29)],
  )
  assert.ok((await dates(other)).some((row) => row.date === dayOf(2026, 4, 30)))
  // Tried on what was paid on that day already: so many would have been paid on another.
  const tried = await tryOn(line, (await enter(line, [{ kind: 'closing_days', days: ['2026-04-30'] }])).changeNo, [
    code,
    other,
  ])
  assert.ok(tried.found.totals.redated > 50)
  assert.equal(tried.found.totals.redated, tried.found.totals.items)
})
