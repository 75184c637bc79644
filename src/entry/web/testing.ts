/** A small month with one of everything, run by the line itself; for tests of the specification and the pages. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { testDatabase } from '../../../test/database.ts'
import { type Connection, connect } from '../../base/db.ts'
import { day, parseMonth, type Period } from '../../base/date.ts'
import type { PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import {
  bundleIdOf,
  endToEndIdOf,
  type PaymentRun,
  recordAnswers,
  recordStatements,
} from '../../modules/payments/index.ts'
import { builtInRateBook, lookup, type RateReader } from '../../modules/rates/index.ts'
import { calculateBatch } from '../line/calculate-batch.ts'
import { monthClock } from '../line/clock.ts'
import { importFile } from '../line/import-file.ts'
import type { Line } from '../line/line.ts'
import { railAccounts } from '../line/item-accounts.ts'
import { assembleMonth, payRuns } from '../line/pay-run.ts'
import { planMonth } from '../line/plan-month.ts'
import { referenceOf } from '../reference.ts'

export const AARHUS = 751
export const NASTY = `"><script>alert('x')</script> & =<b onclick=x>`
export const PEOPLE = {
  main: '6103850000',
  nasty: '6203850001',
  dead: '6303850002',
  later: '6403850003',
  bikort: '6503850004',
  employees: ['6603850005', '6703850006'],
} as const
const LANDLORD = '29189420'
const EMPLOYER = '35209115'
const ACTORS = { planner: 'planlægger', approver: 'godkender' }

type Json = Record<string, unknown>

function benefit(key: string, amount: number, more: Json = {}): Json {
  return {
    line_key: key,
    kind: 'benefit',
    benefit: 'kontanthjaelp',
    component: 'grundsats',
    kle: '32.24.04',
    sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
    legal_basis: 'LAS § 11',
    period: { from: '2026-03-01', to: '2026-04-01' },
    quantity: { unit: 'month', value: '1' },
    amount_ore: amount,
    repayable: false,
    text: 'Kontanthjælp marts 2026',
    ...more,
  }
}

function order(system: string, key: string, cpr: string, lines: readonly Json[], more: Json = {}): Json {
  const citizen = { type: 'cpr', id: cpr }
  return {
    order_key: key,
    version: 1,
    source_system: system,
    municipality: '0751',
    case_key: `${key}-S`,
    state: 'active',
    decision: { key: 'A-1', date: '2026-03-02' },
    beneficiary: citizen,
    payee: citizen,
    disposition_date: '2026-03-31',
    settle: 'on_disposition_date',
    lines,
    ...more,
  }
}

const KY: readonly Json[] = [
  order('KY', 'KY-1', PEOPLE.main, [
    benefit('1', 1_249_800),
    { line_key: '2', kind: 'set_off', amount_ore: 50_000, claim_key: 'KY-F-9' },
    {
      line_key: '3',
      kind: 'third_party',
      amount_ore: 120_000,
      payee: { type: 'cvr', id: LANDLORD },
      reference: 'husleje 03',
    },
  ]),
  order('KY', 'KY-2', PEOPLE.nasty, [
    benefit('1', 900_000, { text: NASTY }),
    { line_key: '2', kind: 'third_party', amount_ore: 10_000, payee: { type: 'cvr', id: LANDLORD }, reference: NASTY },
    { line_key: '3', kind: 'set_off', amount_ore: 7_000, claim_key: 'KY-UKENDT' },
  ]),
  order('KY', 'KY-3', PEOPLE.dead, [benefit('1', 900_000)]),
  order('KY', 'KY-4', PEOPLE.later, [benefit('1', 900_000)], { disposition_date: '2026-04-30' }),
  order('KY', 'KY-5', PEOPLE.bikort, [
    benefit('1', 800_000, { benefit: 'tabt_arbejdsfortjeneste', component: 'grundydelse', kle: '32.18.08' }),
  ]),
]

const WEEKS = [
  ['2026-03-02', '2026-03-09'],
  ['2026-03-09', '2026-03-16'],
] as const
/** The third is held: its employee is dead. */
const KSD: readonly Json[] = [...PEOPLE.employees, PEOPLE.dead].map((cpr, i) =>
  order(
    'KSD',
    `KSD-${i + 1}`,
    cpr,
    WEEKS.map(([from, to], n) =>
      benefit(String(n + 1), 500_000 + i * 10_000 + n, {
        benefit: 'sygedagpenge_arbejdsgiver',
        component: 'refusion',
        kle: '32.39.08',
        period: { from, to },
        quantity: { unit: 'hour', value: '37' },
        employee: cpr,
        reference: `løn ${i + 1}`,
      }),
    ),
    { payee: { type: 'cvr', id: EMPLOYER } },
  ),
)

const KP: readonly Json[] = [
  order('KP', 'KP-1', PEOPLE.main, [
    benefit('1', 123_456, { benefit: 'personligt_tillaeg', component: 'tillaeg', kle: '32.03.12' }),
  ]),
]

function facts(se: number): Json[] {
  const card = (cpr: string, kind: string): Json => ({
    record: 'tax_card',
    municipality: '0751',
    cpr,
    se: String(se),
    card: kind,
    rate_percent: 38,
    allowance_month_ore: 450_000,
    allowance_week_ore: 103_800,
    allowance_day_ore: 14_800,
    frikort_left_ore: 0,
    valid_from: '2026-01-01',
    valid_to: null,
  })
  return [
    card(PEOPLE.main, 'hovedkort'),
    card(PEOPLE.bikort, 'bikort'),
    { record: 'party_event', cpr: PEOPLE.dead, event: 'death', date: '2026-03-03' },
    {
      record: 'claim_opening',
      claim_key: 'KY-F-9',
      municipality: '0751',
      debtor: { type: 'cpr', id: PEOPLE.main },
      benefit: 'kontanthjaelp',
      period: { from: '2025-11-01', to: '2025-12-01' },
      amount_ore: 200_000,
      due_date: '2026-01-15',
      cause: 'urigtig_oplysning',
    },
  ]
}

function file(system: string, records: readonly Json[]): Readable {
  const sums: Record<string, { lines: number; ore: number }> = {}
  for (const kind of ['benefit', 'set_off', 'third_party', 'repayment']) sums[kind] = { lines: 0, ore: 0 }
  for (const line of records.flatMap((one) => (one['lines'] as Json[] | undefined) ?? [])) {
    const sum = sums[line['kind'] as string] as { lines: number; ore: number }
    sum.lines++
    sum.ore += line['amount_ore'] as number
  }
  const envelope = {
    record: 'envelope',
    schema: 1,
    file_id: `${system}-0751-2026-03-01`,
    source_system: system,
    municipality: '0751',
    month: '2026-03',
    count: records.length,
    sums,
  }
  return Readable.from(Buffer.from(`${[envelope, ...records].map((one) => JSON.stringify(one)).join('\n')}\n`))
}

export interface ExampleMonth {
  readonly url: string
  readonly rates: RateReader
  readonly month: Period
  /** The payment that carries the net of an order. */
  paymentOf(orderKey: string): string
}

/** Imported, calculated, released and answered: KY-2 has no account, KY-5 came back from the bank, the rest is paid. */
export async function exampleMonth(): Promise<ExampleMonth> {
  const book = builtInRateBook()
  const rates = lookup(book)
  const { url } = await testDatabase({ reference: referenceOf(book) })
  const connection = await connect(url, 'loader')
  const folder = mkdtempSync(join(tmpdir(), 'toek-pages-'))
  const folders = { out: join(folder, 'out'), in: join(folder, 'in') }
  const line: Line = { connection, rates, folders, at: () => undefined }
  const month = parseMonth('2026-03') as Period
  const clock = monthClock(month)
  try {
    const { se } = rates.unit(AARHUS, 'ydelse', month.from)
    const files: readonly (readonly [string, readonly Json[]])[] = [
      ['FAKTA', facts(se)],
      ['KP', KP],
      ['KSD', KSD],
      ['KY', KY],
    ]
    for (const [system, records] of files) {
      const made = await importFile(line, () => file(system, records), { knownAt: clock.intake, actor: 'fil' })
      if (made.accepted !== records.length) throw new Error(JSON.stringify(made))
    }
    const plan = await planMonth(line, AARHUS, month, clock)
    for (const workNo of plan.batches) {
      await calculateBatch(line, { municipality: AARHUS, workNo, knownAt: clock.calculated })
    }
    const runs = await assembleMonth(line, AARHUS, month, clock, ACTORS)
    await payRuns(line, AARHUS, runs, clock, ACTORS)
    const payments = await paymentsByOrder(connection)
    for (const run of runs) await answer(line, run, payments)
    return {
      url,
      rates,
      month,
      paymentOf(orderKey) {
        const payment = payments.get(orderKey)
        if (payment === undefined) throw new Error(`no payment of ${orderKey}`)
        return endToEndIdOf(AARHUS, payment)
      },
    }
  } finally {
    await connection.close()
  }
}

async function paymentsByOrder(connection: Connection): Promise<Map<string, PaymentId>> {
  const rows = await connection.db.rows<{ order_key: string; payment_id: PaymentId }>(
    `select o.order_key, x.payment_id from payment_parts x join orders o on o.municipality_code = x.municipality_code
       and o.order_id = x.item_id >> 6 where x.part = 0 order by x.item_id`,
  )
  return new Map(rows.map((row) => [row.order_key, row.payment_id]))
}

/** What a rail and a bank would say, without the process that says it. */
async function answer(line: Line, run: PaymentRun, payments: ReadonlyMap<string, PaymentId>): Promise<void> {
  const { municipality, runNo, dispositionDate } = run
  const refused = payments.get('KY-2')
  const accounts = railAccounts(line.rates)
  const knownAt = '2026-03-30T12:00:00+00:00'
  await line.connection.transaction([municipality], async (tx) => {
    const made = await tx.rows<{ payment_id: PaymentId; unit: number; amount_ore: number }>(
      'select payment_id, unit, amount_ore from payments where municipality_code = $1 and payment_id >> 24 = $2',
      [municipality, runNo],
    )
    await tx.run(
      `insert into work_batches (municipality_code, work_no, kind, cause, known_at)
       values ($1, $2, 'answers', $3, $5), ($1, $4, 'statement', $3, $5)`,
      [municipality, run.workNo + 1, `of run ${runNo}`, run.workNo + 16, knownAt],
    )
    const told = { workNo: run.workNo + 1, date: dispositionDate, valueDate: dispositionDate, knownAt }
    const none = { reason: '', waitingAccount: false }
    const refusal = { answer: 7, reason: 'NOACCOUNT', waitingAccount: false } as const
    await recordAnswers(
      tx,
      municipality,
      [
        {
          ...told,
          answers: made.map(({ payment_id: payment }) =>
            payment === refused ? { payment, ...refusal } : { payment, answer: 8, ...none },
          ),
        },
      ],
      accounts,
    )
    const units = Map.groupBy(
      made.filter((one) => one.payment_id !== refused),
      (one) => one.unit,
    )
    const day1 = { bookingDate: dispositionDate, valueDate: dispositionDate }
    const entries = [...units].map(([unit, list]) => ({
      ...day1,
      bankRef: `B${runNo}-${unit}`,
      amount: -list.reduce((sum, one) => sum + one.amount_ore, 0) as Ore,
      bundleId: bundleIdOf(municipality, runNo, unit),
      endToEndId: '',
      reason: '',
      count: list.length,
    }))
    const back = made.find((one) => one.payment_id === payments.get('KY-5'))
    if (back !== undefined) {
      entries.push({
        ...day1,
        bankRef: `R${runNo}`,
        amount: back.amount_ore as Ore,
        bundleId: '',
        endToEndId: endToEndIdOf(municipality, back.payment_id),
        reason: 'AC04',
        count: 1,
      })
    }
    const header = {
      statementId: `S${runNo}`,
      number: runNo,
      account: '1',
      date: day('2026-03-31'),
      opening: 0 as Ore,
      closing: 0 as Ore,
    }
    const file = {
      workNo: run.workNo + 16,
      knownAt,
      postingDate: header.date,
      shared: false,
      isErrorAccount: false,
      header,
      piece: 0,
      before: 0,
      entries,
    }
    await recordStatements(tx, municipality, [file], accounts)
  })
}
