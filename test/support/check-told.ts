/**
 * What was told to others against our own books, read from the files themselves: the ERP's postings equal the ledger
 * account by account, each person's report and basis is what was calculated, no income and no week of reimbursement is
 * told below zero, and events are as many as were counted.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Municipality } from '../../src/base/id.ts'
import { checkTold as checkLines } from '../../src/entry/line/check-told.ts'
import { readDeliveries } from '../../src/modules/deliveries/index.ts'
import { publishEvents, readEvents } from '../../src/modules/events/index.ts'
import { monthOf, type TestLine } from './line.ts'

export async function checkTold(line: TestLine, municipalities: readonly Municipality[]): Promise<void> {
  await checkFiles(line, municipalities)
  await eventsAsCounted(line, municipalities)
}

/** What the ERP and eIndkomst were told. */
export async function checkFiles(line: TestLine, municipalities: readonly Municipality[]): Promise<void> {
  const texts = (ending: string, encoding: 'latin1' | 'utf8'): string[] =>
    readdirSync(line.out, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith(ending))
      .filter((name) => municipalities.some((one) => name.includes(`${String(one).padStart(4, '0')}-`)))
      .map((name) => readFileSync(join(line.out, name), encoding))
  await erpEqualsLedger(line, municipalities, texts('.g69.txt', 'latin1'))
  await linesAsCalculated(line, municipalities)
  const told = texts('.eindkomst.txt', 'latin1').flatMap(incomes)
  notBelowZero('eIndkomst', [...(await toldBefore(line, municipalities)), ...told])
}

/** Every person of every month that was told of. */
async function linesAsCalculated(line: TestLine, municipalities: readonly Municipality[]): Promise<void> {
  const place = { rates: line.rates, folders: { out: line.out } }
  for (const municipality of municipalities) {
    await line.loader.transaction([municipality], async (tx) => {
      const told = (await readDeliveries(tx, municipality)).filter((one) => one.kind === 'eindkomst')
      for (const month of new Set(told.map((one) => one.cause.slice(5, 12)))) {
        const { gaps, unread } = await checkLines(tx, place, municipality, monthOf(month))
        assert.deepEqual([gaps, unread], [[], []], `what was told of ${month} is what was calculated`)
      }
    })
  }
}

/** Of one account what the files say, and what the calculated batches that they tell of booked. */
async function erpEqualsLedger(
  { loader, rates }: TestLine,
  municipalities: readonly Municipality[],
  files: readonly string[],
): Promise<void> {
  const told = new Map<string, number>()
  const add = (sums: Map<string, number>, account: string, ore: number) =>
    sums.set(account, (sums.get(account) ?? 0) + ore)
  for (const file of files) {
    for (const [, account = '', amount, sign, side] of file.matchAll(/&111([^&]*)&112(\d+)([ -])&113([DK])/g)) {
      add(told, account, Number(amount) * (sign === '-' ? -1 : 1) * (side === 'D' ? 1 : -1))
    }
  }
  const rows = await loader.transaction([...municipalities], (tx) =>
    tx.often.rows<{ debit: number; credit: number; source: number; ore: number }>(
      `select debit_account as debit, credit_account as credit, t.source_system as source, sum(amount_ore)::bigint as ore
       from transfers t join work_batches w on w.municipality_code = t.municipality_code
         and w.work_no = (t.entry_id >> 24) / 64 and w.kind in ('calculate', 'outcome')
       join delivery_batches b on b.municipality_code = w.municipality_code and b.work_no = w.work_no and b.kind = 'g69'
       where t.municipality_code = any ($1) group by 1, 2, 3`,
      [municipalities],
    ),
  )
  const accounts = new Map(rates.book.accounts.map((account) => [account.id, account]))
  const booked = new Map<string, number>()
  // The ERP knows nothing of returns, nor of which system's claim a set-off clears.
  const nameOf = (id: number, source: number): string => {
    const account = accounts.get(id)
    if (account?.key !== 'returned') return account?.number ?? ''
    return rates.account(`net_payable:${['KY', 'KSD', 'KP'][source - 1]}`).number
  }
  for (const { debit, credit, source, ore } of rows) {
    add(booked, nameOf(debit, source), ore)
    add(booked, nameOf(credit, source), -ore)
  }
  const claims = rates.book.accounts.filter((account) => account.purpose === 'claims').map((account) => account.number)
  const shown = (sums: ReadonlyMap<string, number>) => {
    const all = new Map<string, number>()
    for (const [account, ore] of sums) add(all, claims.includes(account) ? 'claims' : account, ore)
    return [...all].filter(([, ore]) => ore !== 0).sort()
  }
  assert.deepEqual(shown(told), shown(booked), 'left is what the ERP was told, right what was booked')
}

function notBelowZero(what: string, amounts: readonly (readonly [string, number])[]): void {
  const sums = new Map<string, number>()
  for (const [key, ore] of amounts) sums.set(key, (sums.get(key) ?? 0) + ore)
  assert.deepEqual(
    [...sums].filter(([, ore]) => ore < 0),
    [],
    `${what} below zero`,
  )
}

/** What old systems told of what they paid before the takeover: it is not in our files. */
async function toldBefore({ loader }: TestLine, municipalities: readonly Municipality[]): Promise<[string, number][]> {
  return await loader.transaction([...municipalities], async (tx) => {
    const rows = await tx.often.rows<{ key: string; field: string; ore: number }>(
      `select to_char(c.disposition_date, 'YYYYMM') || ' ' || (b.body->>'incomeType') || ' ' || rpad(y.identifier, 18, '0')
         || ' ' || (b.body->>'incomeKind') as key, f.field, f.ore
       from orders o join calculations c using (municipality_code, order_id)
       join parties y on y.municipality_code = o.municipality_code and y.party_id = o.beneficiary
       join lateral (select b.body from reference_rows b where b.kind = 'benefit'
         and (b.body->>'benefit')::smallint = c.benefit and b.body->>'incomeType' is not null limit 1) b on true
       cross join lateral (values ('0014', c.gross_ore - c.own_atp_ore), ('0015', c.tax_ore), ('0047', c.pension_ore))
         f (field, ore)
       where o.version = 0 and o.municipality_code = any ($1)`,
      [municipalities],
    )
    return rows.map(({ key, field, ore }) => [`${key} ${field}`, ore])
  })
}

/** Each amount of a report by month, kind of income, person and field. */
function incomes(file: string): [string, number][] {
  const amounts: [string, number][] = []
  let [period, person] = ['', '']
  for (const line of file.split('\r\n')) {
    const record = line.slice(7, 11)
    if (record === '5000') period = `${line.slice(44, 50)} ${line.slice(73, 75)}`
    else if (record === '6000') person = `${line.slice(19, 37)} ${line.slice(81, 85)}`
    else if (record === '6001') {
      const ore = Number(line.slice(15, 25)) * 100 + Number(line.slice(25, 27))
      amounts.push([`${period} ${person} ${line.slice(11, 15)}`, line.slice(31, 32) === '-' ? -ore : ore])
    }
  }
  return amounts
}

async function eventsAsCounted(
  { loader, reader, rates }: TestLine,
  municipalities: readonly Municipality[],
): Promise<void> {
  await loader.transaction([...rates.known.municipalities], async (tx) => {
    await publishEvents(tx, [...municipalities])
  })
  // The reader sees these municipalities alone, however much others have been told.
  await reader.transaction([...municipalities], async (tx) => {
    const counted = await tx.often.rows<{ source: number; kind: string; n: number }>(
      `select source_system as source, kind, sum(events)::int as n from event_batches
       where municipality_code = any ($1) group by 1, 2`,
      [municipalities],
    )
    const codes = new Set(municipalities.map((one) => String(one).padStart(4, '0')))
    for (const source of [1, 2, 3]) {
      const listed = (await readEvents(tx, source, 0, 1_000_000)).filter((event) => codes.has(event.municipality))
      for (const { kind, n } of counted.filter((one) => one.source === source)) {
        assert.equal(listed.filter((event) => event.kind === kind).length, n, `${kind} events`)
      }
    }
  })
}
