/**
 * What was told of a month, line by line: the files that were written beside what was calculated. Withheld amounts come
 * from the calculations and movements themselves; income from the items, as the receivers are handed them. A line is a
 * person and a month of disposition; for Ydelsesrefusion a person and a benefit. Not seen: a right amount under the
 * wrong kind of income, or in the wrong week. @da kontrol af indberetning
 */
import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FIELD_NUMBERS, readReport } from '../../adapters/eindkomst/index.ts'
import { readBasis } from '../../adapters/ydelsesrefusion/index.ts'
import type { Tx } from '../../base/db.ts'
import { type Day, formatMonth, type Period } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import {
  batchesToTell,
  readDeliveries,
  readWithheld,
  type RecordedDelivery,
  recordToldCheck,
  type ToldItem,
  type Withheld,
  worksOfMonth,
  worksTold,
} from '../../modules/deliveries/index.ts'
import type { PartyRef } from '../../modules/parties/index.ts'
import {
  contributionRefund,
  incomeDeadline,
  postingAccounts,
  type RateReader,
  ratesIn,
} from '../../modules/rates/index.ts'
import { itemsToTell } from './tell-month.ts'

/** What is compared of a line: fields of the report, and the gross of the basis. */
const TOLD_FIELDS = ['am_income', 'a_income', 'a_skat', 'am', 'atp', 'pension', 'repaid', 'reimbursed_gross'] as const
export type ToldField = (typeof TOLD_FIELDS)[number]

const FIELD_OF: ReadonlyMap<string, ToldField> = new Map([
  [FIELD_NUMBERS.amIncome, 'am_income'],
  [FIELD_NUMBERS.aIncome, 'a_income'],
  [FIELD_NUMBERS.aTax, 'a_skat'],
  [FIELD_NUMBERS.amBidrag, 'am'],
  [FIELD_NUMBERS.atp, 'atp'],
  [FIELD_NUMBERS.pension, 'pension'],
  [FIELD_NUMBERS.repaid, 'repaid'],
])

/** Something of a line that was told otherwise than it was calculated. */
export interface ToldGap {
  readonly receiver: 'eindkomst' | 'ydelsesrefusion'
  readonly person: PartyRef
  /** `2026-03`, of the report. */
  readonly month: string | null
  /** Its key, of the basis. */
  readonly benefit: string | null
  readonly field: ToldField
  readonly told: number
  readonly due: number
  /** What the state refunds of what lacks; null: unknown. Assumed: it is not refunded before it is told. */
  readonly refund: number | null
  /** `KY KY-1` */
  readonly orders: readonly string[]
}

export interface ToldCheck {
  readonly municipality: Municipality
  readonly month: Period
  /** That were compared, by receiver. */
  readonly lines: Readonly<Record<ToldGap['receiver'], number>>
  readonly gaps: readonly ToldGap[]
  /** Files that do not lie as they were written: what is missing is not compared. */
  readonly unread: readonly { readonly file: string; readonly why: 'missing' | 'changed' }[]
  /** Batches of the month that nothing has been told of. */
  readonly untold: number
  /** An instant. */
  readonly deadline: string
}

export interface Told {
  readonly rates: RateReader
  readonly folders: { readonly out: string }
}

interface Line {
  readonly receiver: ToldGap['receiver']
  readonly person: PartyRef
  readonly month: string | null
  readonly benefit: string | null
  /** By field. */
  readonly told: Map<ToldField, number>
  readonly due: Map<ToldField, number>
  readonly orders: Set<string>
  /** What is refunded of all that is due of a field; null: unknown. */
  readonly refund: Map<ToldField, number | null>
}

type Lines = Map<string, Line>

/** Compares the deliveries of a month. The connection must be in the scope of the municipality. */
export async function checkTold(
  tx: Tx,
  { rates: newest, folders }: Told,
  municipality: Municipality,
  month: Period,
): Promise<ToldCheck> {
  const rates = await ratesIn(tx, newest, municipality)
  const ofMonth = `${municipalityText(municipality)}-${formatMonth(month.from)}-`
  const deliveries = (await readDeliveries(tx, municipality)).filter((one) => one.cause.startsWith(ofMonth))
  const lines: Lines = new Map()
  const unread: ToldCheck['unread'][number][] = []
  for (const receiver of ['eindkomst', 'ydelsesrefusion'] as const) {
    const own = deliveries.filter((one) => one.kind === receiver)
    const read: (typeof unread)[number][] = []
    for (const one of own) read.push(...(await addFile(lines, receiver, one, folders.out)))
    unread.push(...read)
    const works = await worksTold(
      tx,
      municipality,
      own.map((one) => one.deliveryNo),
    )
    if (read.some((one) => one.why === 'missing')) dropAll(lines, receiver)
    else await addDue(tx, lines, receiver, rates, municipality, works)
  }
  const untold = await batchesToTell(tx, municipality, 'eindkomst')
  return {
    municipality,
    month,
    lines: { eindkomst: linesOf(lines, 'eindkomst'), ydelsesrefusion: linesOf(lines, 'ydelsesrefusion') },
    gaps: [...lines.values()].flatMap(gapsOf),
    unread,
    untold: await worksOfMonth(tx, municipality, untold, month),
    deadline: incomeDeadline(month.from),
  }
}

function linesOf(lines: Lines, receiver: ToldGap['receiver']): number {
  return [...lines.values()].filter((one) => one.receiver === receiver).length
}

function dropAll(lines: Lines, receiver: ToldGap['receiver']): void {
  for (const [key, line] of lines) if (line.receiver === receiver) lines.delete(key)
}

function lineOf(
  lines: Lines,
  receiver: ToldGap['receiver'],
  person: PartyRef,
  month: string | null,
  benefit: string | null,
) {
  const key = `${receiver} ${person.id} ${month ?? ''} ${benefit ?? ''}`
  const known = lines.get(key)
  if (known !== undefined) return known
  const maps = { told: new Map(), due: new Map(), orders: new Set<string>(), refund: new Map() }
  const made: Line = { receiver, person, month, benefit, ...maps }
  lines.set(key, made)
  return made
}

function add(sums: Map<ToldField, number>, field: ToldField, ore: number): void {
  sums.set(field, (sums.get(field) ?? 0) + ore)
}

/** A file names persons by their number alone. */
function partyOf(id: string): PartyRef {
  return { type: id.length === 10 ? 'cpr' : 'se', id }
}

async function addFile(
  lines: Lines,
  receiver: ToldGap['receiver'],
  delivery: RecordedDelivery,
  out: string,
): Promise<ToldCheck['unread'][number][]> {
  const file = join(receiver, delivery.fileName)
  const bytes = await readFile(join(out, file)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (bytes === undefined) return [{ file, why: 'missing' }]
  if (receiver === 'eindkomst') {
    for (const { person, month, field, ore } of readReport(bytes.toString('latin1'))) {
      const name = FIELD_OF.get(field)
      if (name !== undefined) add(lineOf(lines, receiver, partyOf(person), month, null).told, name, ore)
    }
  } else {
    for (const { person, benefit, ore } of readBasis(bytes.toString('utf8'))) {
      add(lineOf(lines, receiver, partyOf(person), null, benefit).told, 'reimbursed_gross', ore)
    }
  }
  return hash('sha256', bytes) === delivery.sha256 ? [] : [{ file, why: 'changed' }]
}

async function addDue(
  tx: Tx,
  lines: Lines,
  receiver: ToldGap['receiver'],
  rates: RateReader,
  municipality: Municipality,
  works: readonly number[],
): Promise<void> {
  if (works.length === 0) return
  const withheld = await readWithheld(tx, municipality, works)
  if (receiver === 'eindkomst') for (const one of withheld) addWithheld(lines, rates, one)
  for await (const item of itemsToTell(tx, rates, municipality, works)) {
    if (receiver === 'eindkomst') addIncome(lines, rates, item)
    else addReimbursed(lines, rates, item)
  }
  if (receiver === 'eindkomst') return
  // Whose orders they are, where the person is the one who is paid.
  for (const { person, benefit, from, orders } of withheld) {
    const line = lines.get(`${receiver} ${person.id}  ${rates.benefitRule(benefit, from).key}`)
    for (const order of orders) line?.orders.add(order)
  }
}

function addWithheld(lines: Lines, rates: RateReader, one: Withheld): void {
  const amounts = { a_skat: one.tax, am: one.am, atp: one.ownAtp + one.employerAtp, pension: one.pension }
  const line = lineOf(lines, 'eindkomst', one.person, one.month, null)
  for (const [field, ore] of Object.entries(amounts)) if (ore !== 0) add(line.due, field as ToldField, ore)
  for (const order of one.orders) line.orders.add(order)
  for (const [field, kind, ore] of [
    ['atp', 'employer_atp', one.employerAtp],
    ['pension', 'pension', one.pension],
  ] as const) {
    if (ore === 0) continue
    const cost = postingAccounts(kind, rates.benefitRule(one.benefit, one.from), rates, { day: one.from }).debit
    const [refund, other] = [contributionRefund(cost, one.from as Day, ore) ?? null, line.refund.get(field) ?? 0]
    line.refund.set(field, refund === null || line.refund.get(field) === null ? null : refund + other)
  }
}

function addIncome(lines: Lines, rates: RateReader, item: ToldItem): void {
  const rule = rates.ofWork(item.workNo).benefitRule(item.benefit, item.period.from)
  if (item.correction?.income === false || rule.incomeType === null) return
  const line = lineOf(lines, 'eindkomst', item.beneficiary, formatMonth(item.dispositionDate), null)
  add(line.due, rule.amLiable ? 'am_income' : 'a_income', item.gross - item.ownAtp)
  if (item.repaid !== undefined) add(line.due, 'repaid', item.repaid)
}

function addReimbursed(lines: Lines, rates: RateReader, item: ToldItem): void {
  const rule = rates.ofWork(item.workNo).benefitRule(item.benefit, item.period.from)
  if (item.correction?.refund === false || !rule.reimbursed) return
  const person = item.employee === '' ? item.beneficiary : partyOf(item.employee)
  add(lineOf(lines, 'ydelsesrefusion', person, null, rule.key).due, 'reimbursed_gross', item.gross)
}

function gapsOf(line: Line): ToldGap[] {
  const { receiver, person, month, benefit } = line
  return TOLD_FIELDS.flatMap((field) => {
    const [told, due] = [line.told.get(field) ?? 0, line.due.get(field) ?? 0]
    if (told === due) return []
    const refund = refundOf(line, field, due - told, due)
    return [{ receiver, person, month, benefit, field, told, due, refund, orders: [...line.orders].sort() }]
  })
}

/** Withheld from the person, it is no cost of the state's. Of income the ladder decides, which is not ours to know. */
function refundOf(line: Line, field: ToldField, lacks: number, due: number): number | null {
  if (field === 'a_skat' || field === 'am') return 0
  const whole = line.refund.get(field) ?? null
  return whole === null || due === 0 ? null : Math.round((whole * lacks) / due)
}

/** What is kept of a check, and shown as work: sums by field, and no person. */
export function summaryOf({ gaps, unread, deadline, month }: ToldCheck) {
  const fields: Partial<Record<ToldField, { lines: number; ore: number }>> = {}
  for (const { field, due, told } of gaps) {
    const sum = (fields[field] ??= { lines: 0, ore: 0 })
    sum.lines++
    sum.ore += due - told
  }
  const known = gaps.filter((one) => one.refund !== null)
  return {
    month: formatMonth(month.from),
    fields,
    refund_ore: known.reduce((sum, one) => sum + (one.refund ?? 0), 0),
    refund_unknown: gaps.length - known.length,
    deadline,
    unread,
  }
}

/** The lines of which something lacks, by receiver: a line may lack several fields. */
export function lackingLines({ gaps }: ToldCheck): ToldCheck['lines'] {
  const of = (receiver: ToldGap['receiver']) =>
    new Set(
      gaps.filter((one) => one.receiver === receiver).map((one) => `${one.person.id} ${one.month} ${one.benefit}`),
    ).size
  return { eindkomst: of('eindkomst'), ydelsesrefusion: of('ydelsesrefusion') }
}

export function sumOf({ eindkomst, ydelsesrefusion }: ToldCheck['lines']): number {
  return eindkomst + ydelsesrefusion
}

/** Checks and keeps what was found, so that it is work until it is found whole or closed. */
export async function recordCheck(
  tx: Tx,
  told: Told,
  municipality: Municipality,
  month: Period,
  act: { readonly at: string; readonly by: string },
): Promise<ToldCheck> {
  const check = await checkTold(tx, told, municipality, month)
  const lackingOre = check.gaps.reduce((sum, one) => sum + one.due - one.told, 0)
  const [lines, lacking] = [sumOf(check.lines), sumOf(lackingLines(check))]
  const found = { month, lines, lacking, lackingOre, detail: summaryOf(check) }
  await recordToldCheck(tx, municipality, found, act)
  return check
}
