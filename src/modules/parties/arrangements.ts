/**
 * Whom a party's own money is paid to instead of itself: a guardian, an estate, or an account of its own for a benefit.
 * Entered by one person and approved by another; until then it changes nothing. A payee that an order names is the
 * source system's decision, and stays. @da modtageraftale
 */
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import { type Municipality, numbered, type PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { PARTY_TYPES, type PartyRef, type PartyType } from './party.ts'

/**
 * `payee`: a guardian, or an account of its own. `estate`: of a person who has died. `transport` and `udlaeg`: somebody
 * has the right to a company's refunds, by assignment or by execution; of several the first received goes first.
 * @da transport, udlæg
 */
export const ARRANGEMENT_KINDS = ['payee', 'estate', 'transport', 'udlaeg'] as const
export type ArrangementKind = (typeof ARRANGEMENT_KINDS)[number]

export interface NewArrangement {
  readonly kind: ArrangementKind
  /** When the document came: the order of transport and udlæg, which alone have it. */
  readonly receivedOn: Day | undefined
  /** What the holder is owed in all; undefined: not said. */
  readonly claim: Ore | undefined
  readonly beneficiary: PartyRef
  /** Undefined: every benefit. */
  readonly benefit: number | undefined
  /** The beneficiary itself when only the account is another. */
  readonly payee: PartyRef
  /** Registration number (4) and account (10); undefined: the payee's NemKonto. @da ydelsesspecifik konto */
  readonly account: string | undefined
  /** First disposition date. */
  readonly from: Day
  /** The day after the last; undefined: until it is ended. */
  readonly to: Day | undefined
  readonly reason: string
  /** What the right rests on: the number of the document in the municipality's archive. */
  readonly document: string
}

export interface PersonsAct {
  readonly at: string
  readonly by: string
}

export interface Arrangement extends NewArrangement {
  readonly arrangementNo: number
  readonly beneficiaryId: PartyId
  readonly payeeId: PartyId
  readonly entered: PersonsAct
  readonly approved: PersonsAct | undefined
  /** The first disposition date on which it applies no more, as a person has ended it. */
  readonly ended: (PersonsAct & { readonly from: Day; readonly reason: string }) | undefined
}

/** Parties that nobody has ordered anything for yet are numbered behind those of intakes. */
const ARRANGED_PARTIES = 2 ** 21

/** Every arrangement of a municipality, oldest first. */
export async function readArrangements(db: Db, municipality: Municipality): Promise<Arrangement[]> {
  const rows = await db.rows<Row>(
    `select a.arrangement_no, a.beneficiary, b.type as b_type, b.identifier as b_id, a.benefit, a.payee,
       p.type as p_type, p.identifier as p_id, a.kind, a.received_on, a.claim_ore, a.account,
       a.valid_from, a.valid_to, a.reason, a.document,
       a.at::text as at, a.by_actor, y.at::text as y_at, y.by_actor as y_by, e.at::text as e_at, e.by_actor as e_by,
       e.from_date as e_from, e.reason as e_reason
     from payee_arrangements a
     join parties b on b.municipality_code = $1 and b.party_id = a.beneficiary
     join parties p on p.municipality_code = $1 and p.party_id = a.payee
     left join payee_arrangement_approvals y on y.municipality_code = $1 and y.arrangement_no = a.arrangement_no
     left join payee_arrangement_ends e on e.municipality_code = $1 and e.arrangement_no = a.arrangement_no
     where a.municipality_code = $1 order by a.arrangement_no`,
    [municipality],
  )
  return rows.map(arrangementOf)
}

interface Row {
  readonly arrangement_no: number
  readonly kind: ArrangementKind
  readonly received_on: Day | null
  readonly claim_ore: Ore | null
  readonly beneficiary: PartyId
  readonly b_type: number
  readonly b_id: string
  readonly benefit: number | null
  readonly payee: PartyId
  readonly p_type: number
  readonly p_id: string
  readonly account: string | null
  readonly valid_from: Day
  readonly valid_to: Day | null
  readonly reason: string
  readonly document: string
  readonly at: string
  readonly by_actor: string
  readonly y_at: string | null
  readonly y_by: string | null
  readonly e_at: string | null
  readonly e_by: string | null
  readonly e_from: Day | null
  readonly e_reason: string | null
}

function arrangementOf(row: Row): Arrangement {
  const ref = (type: number, id: string): PartyRef => ({ type: PARTY_TYPES[type] as PartyType, id })
  return {
    arrangementNo: row.arrangement_no,
    kind: row.kind,
    receivedOn: row.received_on ?? undefined,
    claim: row.claim_ore ?? undefined,
    beneficiary: ref(row.b_type, row.b_id),
    beneficiaryId: row.beneficiary,
    benefit: row.benefit ?? undefined,
    payee: ref(row.p_type, row.p_id),
    payeeId: row.payee,
    account: row.account ?? undefined,
    from: row.valid_from,
    to: row.valid_to ?? undefined,
    reason: row.reason,
    document: row.document,
    entered: { at: row.at, by: row.by_actor },
    approved: row.y_at === null ? undefined : { at: row.y_at, by: row.y_by ?? '' },
    ended:
      row.e_at === null || row.e_from === null
        ? undefined
        : { at: row.e_at, by: row.e_by ?? '', from: row.e_from, reason: row.e_reason ?? '' },
  }
}

/** Records an arrangement that waits for a second person; gives its number. Refuses what can be none. */
export async function enterArrangement(
  tx: Tx,
  municipality: Municipality,
  one: NewArrangement,
  act: PersonsAct,
): Promise<number> {
  if (sameParty(one.beneficiary, one.payee) && one.account === undefined) {
    throw new Refusal(
      'arrangement_empty',
      'The payee is the beneficiary and no account is given: nothing would change.',
    )
  }
  refuseKind(one)
  const last = await tx.first<{ no: number }>(
    'select coalesce(max(arrangement_no), 0) as no from payee_arrangements where municipality_code = $1',
    [municipality],
  )
  const no = (last?.no ?? 0) + 1
  const partyId = partyFinder(tx, municipality, no)
  const beneficiary = await partyId(one.beneficiary)
  const payee = await partyId(one.payee)
  await tx.run(
    `insert into payee_arrangements values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      municipality,
      no,
      beneficiary,
      one.benefit ?? null,
      payee,
      one.account ?? null,
      formatDay(one.from),
      one.to === undefined ? null : formatDay(one.to),
      one.reason,
      one.document,
      act.at,
      act.by,
      one.kind,
      one.receivedOn === undefined ? null : formatDay(one.receivedOn),
      one.claim ?? null,
    ],
  )
  return no
}

/** A citizen's benefit goes to no holder of a claim; a company leaves no estate here. */
function refuseKind({ kind, beneficiary, payee, receivedOn, claim }: NewArrangement): void {
  const holds = isOfHolder({ kind })
  if (holds && beneficiary.type === 'cpr') {
    throw new Refusal(
      'holder_of_citizen',
      "Transport and udlæg are of a company's refunds; a citizen's benefit is not paid so.",
    )
  }
  if (holds && (receivedOn === undefined || sameParty(beneficiary, payee))) {
    throw new Refusal(
      'holder_incomplete',
      'Of a transport or udlæg say who is paid and when its document was received.',
    )
  }
  if (!holds && (receivedOn !== undefined || claim !== undefined)) {
    throw new Refusal('holder_incomplete', 'A day of receipt and a claim are of transport and udlæg alone.')
  }
  if (kind === 'estate' && beneficiary.type !== 'cpr') {
    throw new Refusal('estate_of_company', 'An estate is of a person who has died.')
  }
}

/** By transport or udlæg. */
export function isOfHolder({ kind }: Pick<Arrangement, 'kind'>): boolean {
  return kind === 'transport' || kind === 'udlaeg'
}

/** Whoever entered it may not approve it; two that would say different things of the same payment are refused. */
export async function approveArrangement(
  tx: Tx,
  municipality: Municipality,
  arrangementNo: number,
  act: PersonsAct,
): Promise<Arrangement> {
  const all = await readArrangements(tx, municipality)
  const one = all.find((other) => other.arrangementNo === arrangementNo)
  if (one === undefined || one.approved !== undefined || one.ended !== undefined) {
    throw new Refusal('arrangement_not_waiting', `Arrangement ${arrangementNo} does not wait for approval here.`)
  }
  if (one.entered.by === act.by) {
    throw new Refusal('four_eyes', `${act.by} entered the arrangement; another person must approve it.`)
  }
  const other = all.find((known) => known.approved !== undefined && overlap(known, one))
  if (other !== undefined) {
    throw new Refusal(
      'arrangement_overlaps',
      `Arrangement ${other.arrangementNo} says whom the same is paid to on the same days. End it first, then approve.`,
    )
  }
  await tx.run('insert into payee_arrangement_approvals values ($1, $2, $3, $4)', [
    municipality,
    arrangementNo,
    act.at,
    act.by,
  ])
  return one
}

/**
 * Ends an arrangement from a disposition date on; one that waits is thereby given up. One person may do it: what is
 * paid then goes where the source system's decision says.
 */
export async function endArrangement(
  tx: Tx,
  municipality: Municipality,
  arrangementNo: number,
  end: PersonsAct & { readonly from: Day; readonly reason: string },
): Promise<void> {
  const one = (await readArrangements(tx, municipality)).find((other) => other.arrangementNo === arrangementNo)
  if (one === undefined || one.ended !== undefined) {
    throw new Refusal('arrangement_not_active', `Arrangement ${arrangementNo} is not in force here.`)
  }
  await tx.run('insert into payee_arrangement_ends values ($1, $2, $3, $4, $5, $6)', [
    municipality,
    arrangementNo,
    formatDay(end.from),
    end.reason,
    end.at,
    end.by,
  ])
}

/**
 * The arrangement that says whom a benefit is paid to on a day. Whoever has the right to it goes before the rest, the
 * first received first; else one for the benefit goes before one for all.
 */
export function arrangementFor(
  arrangements: readonly Arrangement[],
  of: { readonly beneficiary: PartyId; readonly benefit: number; readonly date: Day },
): Arrangement | undefined {
  const valid = arrangements.filter(
    (one) =>
      one.approved !== undefined &&
      one.beneficiaryId === of.beneficiary &&
      lastDay(one) > of.date &&
      one.from <= of.date,
  )
  const about = valid.filter((one) => one.benefit === undefined || one.benefit === of.benefit)
  const holders = about.filter(isOfHolder)
  if (holders.length > 0) return holders.toSorted((a, b) => (a.receivedOn ?? 0) - (b.receivedOn ?? 0))[0]
  return about.find((one) => one.benefit !== undefined) ?? about[0]
}

function overlap(a: Arrangement, b: Arrangement): boolean {
  if (isOfHolder(a) || isOfHolder(b)) return false
  return a.beneficiaryId === b.beneficiaryId && a.benefit === b.benefit && a.from < lastDay(b) && b.from < lastDay(a)
}

/** The first day on which it applies no more. */
function lastDay({ to, ended }: Arrangement): number {
  return Math.min(to ?? Number.MAX_SAFE_INTEGER, ended?.from ?? Number.MAX_SAFE_INTEGER)
}

function sameParty(a: PartyRef, b: PartyRef): boolean {
  return a.type === b.type && a.id === b.id
}

function partyFinder(tx: Tx, municipality: Municipality, arrangementNo: number) {
  let added = 0
  return async ({ type, id }: PartyRef): Promise<PartyId> => {
    const kind = PARTY_TYPES.indexOf(type)
    const known = await tx.first<{ party_id: PartyId }>(
      'select party_id from parties where municipality_code = $1 and identifier = $2 and type = $3',
      [municipality, id, kind],
    )
    if (known !== undefined) return known.party_id
    const made = numbered(ARRANGED_PARTIES + arrangementNo, added++)
    await tx.run('insert into parties values ($1, $2, $3, $4)', [municipality, made, kind, id])
    return made
  }
}
