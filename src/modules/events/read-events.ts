/** Reads events back as the source systems see them: derived from the facts each time, never stored. */
import { danishDay } from '../../base/danish-time.ts'
import type { Db } from '../../base/db.ts'
import { type Municipality, municipalityText, type OrderId } from '../../base/id.ts'
import type { Fault } from '../../base/refusal.ts'
import type { HoldDetail, HoldFacts } from '../orders/index.ts'
import { CARD_KINDS, type CardKind } from '../parties/index.ts'
import { endToEndIdOf } from '../payments/index.ts'
import { returnCause } from '../rates/index.ts'
import { READ } from './expand.ts'
import type { EventKind } from './kinds.ts'
import { STOP_CAUSES, type StopCode } from './stop-causes.ts'

/** As in the contract; field names are the outer ones. Amounts in whole øre. @da hændelse til fagsystem */
export interface SourceEvent {
  readonly event_no: number
  readonly kind: EventKind
  readonly municipality: string
  /** Null when what came could not be read as an order, or when the event is about an opening claim. */
  readonly order_key: string | null
  readonly version: number | null
  readonly line_key: string | null
  readonly amount_ore: number | null
  /** Business time. */
  readonly at: string
  readonly gross_ore?: number
  readonly own_atp_ore?: number
  readonly am_ore?: number
  readonly tax_ore?: number
  readonly pension_ore?: number
  readonly employer_atp_ore?: number
  readonly set_off_ore?: number
  readonly third_party_ore?: number
  readonly net_ore?: number
  readonly card?: CardKind
  /** Calculated, with the order's first line: deductions that could not be taken, and why. */
  readonly untaken?: readonly UntakenDeduction[]
  /** Payment kinds: our id of the payment; its specification is found by it. */
  readonly end_to_end_id?: string
  /** Payment kinds: the reference of a third party's part, such as a contribution and its child. */
  readonly reference?: string
  /** Payment kinds: the payee arrangement that says another payee than the order. */
  readonly payee_arrangement?: number
  readonly claim_key?: string
  /** Claim_opened, where its decision says so: the provision, and when the debtor was heard and told. */
  readonly legal_basis?: string
  readonly hearing_date?: string
  readonly notice_date?: string
  /**
   * Returned: the rail's code; accepted: that of its warning. Held and released: the kind of hold. Overpaid: what
   * became of it. Stopped: the fact. Claim_changed: `before_tax` when a year ended before it was paid; `paid`,
   * `paid_too_much` and `payment_reversed` of what the debtor system told.
   */
  readonly code?: string
  /** In Danish. */
  readonly cause?: string
  /** Held and released, of an order: what the cause is said of, for whoever says it. No part of what is told. */
  readonly hold?: HoldFacts & { readonly by: string }
  /** Calculated, with a later version's first line: the order, for whoever explains it. No part of what is told. */
  readonly corrects?: OrderId
  /** Refused: the line of the file, and every fault. */
  readonly file_line?: number
  readonly faults?: readonly Fault[]
}

export interface UntakenDeduction {
  readonly line_key: string
  readonly amount_ore: number
  readonly reason: string
}

/** A set of events that were published together. */
export interface Batch {
  municipality: number
  first_no: number
  events: number
  kind: EventKind
  ref: string
  at: string
}

export interface Row {
  order_key: string | null
  version: number | null
  line_key?: string | null
  amount_ore?: number | null
  payment_id?: number
  reference?: string | null
  arrangement?: number | null
  answer?: number
  code?: string | null
  text?: string
  by?: string | null
  detail?: HoldDetail | null
  claim_key?: string
  legal_basis?: string | null
  hearing_date?: string | null
  notice_date?: string | null
  file_line?: number
  faults?: readonly Fault[]
  card?: number
  untaken?: readonly UntakenDeduction[] | null
  corrects?: OrderId | null
  gross_ore?: number
  own_atp_ore?: number
  am_ore?: number
  tax_ore?: number
  pension_ore?: number
  employer_atp_ore?: number
  set_off_ore?: number
  third_party_ore?: number
  net_ore?: number
}

/** Batches that are looked up at a time. */
const BATCHES = 200

/** At most `limit` events with a number above `after`, in order. The session's scope decides which municipalities. */
export async function readEvents(db: Db, source: number, after: number, limit: number): Promise<SourceEvent[]> {
  const events: SourceEvent[] = []
  for (let next = after + 1; ; ) {
    const batches = await batchesFrom(db, source, next)
    for (const batch of batches) {
      const skip = Math.max(0, next - batch.first_no)
      const read = READ[batch.kind]
      const rows = await db.rows<Row>(
        `with page as materialized (${read.page} offset ${skip} limit ${limit - events.length}) ${read.rows}`,
        [batch.municipality, batch.ref, source],
      )
      for (const [i, row] of rows.entries()) events.push(eventOf(batch, row, batch.first_no + skip + i))
      if (events.length >= limit) return events
      next = batch.first_no + batch.events
    }
    if (batches.length < BATCHES) return events
  }
}

/** The highest number given so far, within the session's scope; 0 when there is none. */
export async function lastEventNo(db: Db, source: number): Promise<number> {
  const row = await db.first<{ last: number }>(
    `select first_no + events - 1 as last from event_batches where source_system = $1 order by first_no desc limit 1`,
    [source],
  )
  return row?.last ?? 0
}

async function batchesFrom(db: Db, source: number, next: number): Promise<Batch[]> {
  // The batch that `next` lies in begins at or before it: numbers are contiguous, so it is the nearest one below.
  return await db.rows<Batch>(
    `select municipality_code as municipality, first_no, events, kind, ref::text as ref,
       to_char(known_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at
     from event_batches where source_system = $1 and first_no + events > $2
       and first_no >= coalesce((select max(first_no) from event_batches where source_system = $1 and first_no <= $2), 0)
     order by first_no limit ${BATCHES}`,
    [source, next],
  )
}

export function eventOf(batch: Batch, row: Row, eventNo: number): SourceEvent {
  const event: SourceEvent = {
    event_no: eventNo,
    kind: batch.kind,
    municipality: municipalityText(batch.municipality),
    order_key: row.order_key,
    version: row.version,
    line_key: row.line_key ?? null,
    amount_ore: row.amount_ore ?? null,
    at: batch.at,
  }
  switch (batch.kind) {
    case 'received':
    case 'reported':
      return event
    case 'overpaid':
      return {
        ...event,
        code: row.code ?? '',
        ...(row.code === 'to_be_adjusted' ? { gross_ore: row.gross_ore ?? 0 } : {}),
      }
    case 'refused':
      return { ...event, file_line: row.file_line ?? 0, faults: row.faults ?? [] }
    case 'held':
    case 'released':
      return { ...event, ...holdOf(batch.municipality, row) }
    case 'calculated':
      return { ...event, ...moneyOf(row), ...payeeOf(row), ...withFirstLine(row) }
    case 'claim_opened':
      return { ...event, claim_key: row.claim_key ?? '', ...decidedHow(row) }
    case 'claim_changed':
      return { ...event, claim_key: row.claim_key ?? '', ...claimChangeOf(row) }
    case 'stopped': {
      const code = row.code as StopCode
      const inRun = (row.payment_id ?? 0) > 0 ? paymentOf(batch.municipality, row) : {}
      return { ...event, ...inRun, code, cause: STOP_CAUSES[code] }
    }
    case 'in_round':
    case 'sent':
    case 'waiting_account':
    case 'presumed_paid':
    case 'paid_again':
      return { ...event, ...paymentOf(batch.municipality, row) }
    case 'paid':
      if (row.payment_id !== 0) return { ...event, ...paymentOf(batch.municipality, row) }
      // Without a registration it is what the bank booked though it had been stopped.
      if (row.text === null) return { ...event, code: 'booked_after_stop' }
      return { ...event, code: 'outside', cause: row.text ?? '' }
    case 'accepted':
      return { ...event, ...paymentOf(batch.municipality, row), ...warningOf(row) }
    case 'returned':
      return {
        ...event,
        ...paymentOf(batch.municipality, row),
        code: row.code ?? '',
        cause: returnCause(row.answer ?? 0, row.code ?? '', danishDay(batch.at)).cause,
      }
  }
}

/** Of an order; else of a line of a run, with the payment that it was in and the reason of the act. */
function holdOf(municipality: Municipality, row: Row): Partial<SourceEvent> {
  const [code, reason] = [row.code ?? '', row.text ?? '']
  if (typeof row.by === 'string') return { code, hold: { kind: code, reason, detail: row.detail ?? null, by: row.by } }
  return { ...((row.payment_id ?? 0) > 0 ? paymentOf(municipality, row) : {}), code, cause: reason }
}

/** What the rail said beside it. */
function warningOf({ code }: Row): Partial<SourceEvent> {
  return typeof code === 'string' ? { code } : {}
}

function paymentOf(municipality: Municipality, row: Row): Partial<SourceEvent> {
  return {
    end_to_end_id: endToEndIdOf(municipality, row.payment_id ?? 0),
    ...(typeof row.reference === 'string' ? { reference: row.reference } : {}),
    ...(typeof row.arrangement === 'number' ? { payee_arrangement: row.arrangement } : {}),
  }
}

function decidedHow({ legal_basis, hearing_date, notice_date }: Row): Partial<SourceEvent> {
  return {
    ...(legal_basis ? { legal_basis } : {}),
    ...(hearing_date ? { hearing_date } : {}),
    ...(notice_date ? { notice_date } : {}),
  }
}

/** What changed a claim beside a set-off: that the year ended before it was paid, or what the debtor paid. */
function claimChangeOf({ code }: Row): Partial<SourceEvent> {
  return typeof code === 'string' ? { code, cause: CLAIM_CHANGED[code] ?? '' } : {}
}

const CLAIM_CHANGED: Readonly<Record<string, string>> = {
  before_tax: 'Året er sluttet, og det, der var tilbage af fordringen, skal betales tilbage før skat (LL § 8 O).',
  paid: 'Skyldneren har betalt på fordringen til debitorsystemet.',
  paid_too_much: 'Skyldneren har betalt mere end resten af fordringen; det overskydende udbetales til skyldneren.',
  payment_reversed: 'Indbetalingen på fordringen er ført tilbage.',
}

function payeeOf({ code }: Row): Partial<SourceEvent> {
  if (typeof code !== 'string') return {}
  const cause =
    'Udgaven har en anden modtager. Det, der er i en udbetalingskørsel eller udbetalt, bliver hos den tidligere.'
  return { code, cause }
}

function withFirstLine({ untaken, corrects }: Row): Partial<SourceEvent> {
  return { ...(untaken ? { untaken } : {}), ...(corrects ? { corrects } : {}) }
}

function moneyOf(row: Row): Partial<SourceEvent> {
  return {
    gross_ore: row.gross_ore ?? 0,
    own_atp_ore: row.own_atp_ore ?? 0,
    am_ore: row.am_ore ?? 0,
    tax_ore: row.tax_ore ?? 0,
    pension_ore: row.pension_ore ?? 0,
    employer_atp_ore: row.employer_atp_ore ?? 0,
    set_off_ore: row.set_off_ore ?? 0,
    third_party_ore: row.third_party_ore ?? 0,
    net_ore: row.net_ore ?? 0,
    card: CARD_KINDS[row.card ?? 0] ?? 'none',
  }
}
