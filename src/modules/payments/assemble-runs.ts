/** Assembles runs: what is due and in no run yet, gathered into payments. The key of payment_parts refuses a second. */
import { type RowWriter, rowReader, rowWriter } from '../../base/copy.ts'
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import { type Municipality, numbered } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { dueParts, type GatheredGroup, type GatheredRun, type RailOf, type RunPurpose } from './gather.ts'
import { rangesOf, readTakenUntil, worksWithDue } from './due-works.ts'
import { openPayees } from './payees.ts'
import { type PaymentRun, recordSteps, runDates } from './payment-run.ts'

/**
 * What is due before a date and in no run, by date and rail. `acute`: what a person pays acutely by one act, and
 * nothing else.
 */
export async function readDue(
  db: Db,
  municipality: Municipality,
  before: Day,
  railOf: RailOf,
  acute?: number,
): Promise<GatheredRun[]> {
  const due = dueParts(railOf)
  const { otherwise, again } = (await db.first<{ otherwise: boolean; again: boolean }>(
    `select exists (select from pay_days where municipality_code = $1) as otherwise,
       exists (select from parts_again where municipality_code = $1) as again`,
    [municipality],
  )) as { otherwise: boolean; again: boolean }
  const payeeOf = await openPayees(db, municipality)
  const taken = await readTakenUntil(db, municipality)
  const paidOtherwise = `left join pay_days d on d.municipality_code = p.municipality_code and d.work_no = p.work_no
    and d.order_id = p.item_id >> 6 and d.kind <> 'with_next_ordinary'`
  const read = async (which: string): Promise<void> => {
    const rows = rowReader(
      await db.copyOut(`select p.disposition_date, p.unit, p.source_system, p.rail_kind, p.item_id, p.part, p.payee,
          p.benefit, p.amount_ore, p.work_no, ${otherwise ? "coalesce(d.kind, 'ordinary')" : "'ordinary'"}
        from payables p ${otherwise ? paidOtherwise : ''}
        where p.municipality_code = ${municipality} and p.disposition_date < '${formatDay(before)}' and (${which})`),
    )
    while (rows.next()) {
      const [date, unit, source, railKind] = [rows.date(), rows.i32(), rows.i16(), rows.text()]
      const part = {
        item: rows.i64(),
        part: rows.i16(),
        payee: rows.i64(),
        benefit: rows.i16(),
        amount: rows.i64() as Ore,
        workNo: rows.i32(),
        arrangement: 0,
      }
      const purpose = rows.text() as RunPurpose
      if (acute === undefined && part.workNo <= taken(date, purpose)) continue
      due.add(date, unit, source, railKind, payeeOf === undefined ? part : payeeOf(part, date), purpose)
    }
  }
  if (acute !== undefined) await read(`p.work_no = ${acute}`)
  else {
    const ranges = rangesOf(await worksWithDue(db, municipality, before, taken))
    const among = ranges.map(([from, to]) => `p.work_no between ${from} and ${to}`).join(' or ')
    if (ranges.length > 0) await read(`p.part < 64 and (${among})`)
    // What was stopped or came back, and is due again: few, of work of its own.
    if (again) await read('p.part >= 64')
  }
  return due.runs()
}

export interface NewRun {
  readonly runNo: number
  readonly workNo: number
  readonly gathered: GatheredRun
  readonly knownAt: string
}

/** Records runs as planned and assembled by one person. */
export async function assembleRuns(
  tx: Tx,
  municipality: Municipality,
  runs: readonly NewRun[],
  by: string,
): Promise<PaymentRun[]> {
  if (runs.length === 0) return []
  const taken = await runDates(tx, municipality, ((runs.at(-1)?.gathered.date ?? 0) + 1) as Day)
  const rows = newRows()
  const made: PaymentRun[] = []
  for (const run of runs) {
    const total = putPayments(rows, municipality, run)
    const { runNo, workNo, knownAt } = run
    const { date: dispositionDate, rail, purpose, untilWorkNo } = run.gathered
    // What a person pays acutely is of one act; what is not of it may be due on the same day.
    const from = purpose === 'acute' ? untilWorkNo - 1 : (taken.get(`${dispositionDate}:${purpose}`) ?? 0)
    putRun(rows.runs, municipality, run, from, total)
    made.push({
      municipality,
      runNo,
      workNo,
      dispositionDate,
      rail,
      purpose,
      knownAt,
      ...total,
      steps: [],
      approvers: 1,
      blocked: false,
    })
  }
  await tx.copyIn('payment_runs', RUN_COLUMNS, rows.runs)
  await tx.copyIn('payments', PAYMENT_COLUMNS, rows.payments)
  if (rows.arranged.rows > 0) {
    await tx.copyIn('arranged_payments', 'municipality_code, payment_id, arrangement_no', rows.arranged)
  }
  await tx.copyIn('payment_parts', 'municipality_code, item_id, part, payment_id', rows.parts)
  await tx.copyIn('payment_bundles', 'municipality_code, run_no, unit, payments, amount_ore', rows.bundles)
  await tx.copyIn('payment_sums', SUM_COLUMNS, rows.sums)
  const acts = made.map((run, i) => ({ run, at: (runs[i] as NewRun).knownAt, by }))
  await recordSteps(
    tx,
    acts.flatMap((act) => [
      { ...act, step: 'planned' as const },
      { ...act, step: 'assembled' as const },
    ]),
  )
  return made
}

interface Rows {
  readonly runs: RowWriter
  readonly payments: RowWriter
  readonly arranged: RowWriter
  readonly parts: RowWriter
  readonly bundles: RowWriter
  readonly sums: RowWriter
}

const RUN_COLUMNS = `municipality_code, run_no, work_no, disposition_date, from_work_no, until_work_no, known_at,
  payments, parts, amount_ore, rail, purpose`
const PAYMENT_COLUMNS = `municipality_code, payment_id, payee, unit, source_system, rail_kind, amount_ore, parts`
const SUM_COLUMNS = 'municipality_code, run_no, unit, source_system, benefit, parts, amount_ore'

function newRows(): Rows {
  return {
    runs: rowWriter(1 << 10),
    payments: rowWriter(1 << 16),
    arranged: rowWriter(1 << 8),
    parts: rowWriter(1 << 16),
    bundles: rowWriter(1 << 10),
    sums: rowWriter(1 << 12),
  }
}

function putRun(
  rows: RowWriter,
  municipality: Municipality,
  run: NewRun,
  fromWorkNo: number,
  total: { payments: number; parts: number; amount: Ore },
): void {
  rows.row(12)
  rows.i16(municipality)
  rows.i32(run.runNo)
  rows.i32(run.workNo)
  rows.date(run.gathered.date)
  rows.i32(fromWorkNo)
  rows.i32(run.gathered.untilWorkNo)
  rows.time(run.knownAt)
  rows.i32(total.payments)
  rows.i32(total.parts)
  rows.i64(total.amount)
  rows.text(run.gathered.rail)
  rows.text(run.gathered.purpose)
}

function putPayments(
  rows: Rows,
  municipality: Municipality,
  run: NewRun,
): { payments: number; parts: number; amount: Ore } {
  let number = 0
  let parts = 0
  let amount = 0
  const bundles = new Map<number, { payments: number; amount: number }>()
  for (const group of run.gathered.groups) {
    const bundle = bundles.get(group.unit) ?? { payments: 0, amount: 0 }
    bundles.set(group.unit, bundle)
    for (const payment of group.payments) {
      const id = numbered(run.runNo, ++number)
      putPayment(rows.payments, municipality, id, group, payment)
      if (payment.arrangement > 0) putArranged(rows.arranged, municipality, id, payment.arrangement)
      for (const part of payment.parts) {
        rows.parts.row(4)
        rows.parts.i16(municipality)
        rows.parts.i64(part.item)
        rows.parts.i16(part.part)
        rows.parts.i64(id)
      }
      parts += payment.parts.length
      amount += payment.amount
      bundle.payments++
      bundle.amount += payment.amount
    }
  }
  for (const [unit, bundle] of bundles) {
    rows.bundles.row(5)
    rows.bundles.i16(municipality)
    rows.bundles.i32(run.runNo)
    rows.bundles.i32(unit)
    rows.bundles.i32(bundle.payments)
    rows.bundles.i64(bundle.amount)
  }
  putSums(rows.sums, municipality, run)
  return { payments: number, parts, amount: amount as Ore }
}

function putPayment(
  rows: RowWriter,
  municipality: Municipality,
  id: number,
  group: GatheredGroup,
  payment: GatheredGroup['payments'][number],
): void {
  rows.row(8)
  rows.i16(municipality)
  rows.i64(id)
  rows.i64(payment.payee)
  rows.i32(group.unit)
  rows.i16(group.source)
  rows.text(group.railKind)
  rows.i64(payment.amount)
  rows.i32(payment.parts.length)
}

function putArranged(rows: RowWriter, municipality: Municipality, id: number, arrangement: number): void {
  rows.row(3)
  rows.i16(municipality)
  rows.i64(id)
  rows.i32(arrangement)
}

function putSums(rows: RowWriter, municipality: Municipality, run: NewRun): void {
  const sums = new Map<string, { group: GatheredGroup; benefit: number; parts: number; amount: number }>()
  for (const group of run.gathered.groups) {
    for (const payment of group.payments) {
      for (const { benefit, amount } of payment.parts) {
        const key = `${group.unit}:${group.source}:${benefit}`
        const sum = sums.get(key) ?? { group, benefit, parts: 0, amount: 0 }
        sum.parts++
        sum.amount += amount
        sums.set(key, sum)
      }
    }
  }
  for (const { group, benefit, parts, amount } of sums.values()) {
    rows.row(7)
    rows.i16(municipality)
    rows.i32(run.runNo)
    rows.i32(group.unit)
    rows.i16(group.source)
    rows.i16(benefit)
    rows.i32(parts)
    rows.i64(amount)
  }
}
