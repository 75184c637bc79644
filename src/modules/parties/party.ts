import type { Day, Period } from '../../base/date.ts'
import type { Municipality, PartyId } from '../../base/id.ts'
import type { Millionths, Ore } from '../../base/money.ts'

/** A citizen or a company as the outside names it. @da part */
export type PartyType = 'cpr' | 'cvr' | 'se' | 'p'
export const PARTY_TYPES: readonly PartyType[] = ['cpr', 'cvr', 'se', 'p']

export interface PartyRef {
  readonly type: PartyType
  readonly id: string
}

/** @da skattekorttype */
export type CardKind = 'hovedkort' | 'bikort' | 'frikort' | 'none'
/** Stored as smallint: the position in this list. */
export const CARD_KINDS: readonly CardKind[] = ['none', 'hovedkort', 'bikort', 'frikort']

/** One version of a tax card: it belongs to a withholding SE number × person. @da skattekort */
export interface TaxCard {
  readonly party: PartyId
  /** The withholding SE number, 8 digits as a number. */
  readonly se: number
  /** Numbered within party × se, in the order in which they were told. */
  readonly cardNo: number
  readonly kind: CardKind
  readonly rate: Millionths
  readonly allowanceMonth: Ore
  readonly allowanceWeek: Ore
  readonly allowanceDay: Ore
  /** What was left of a frikort when it became valid. */
  readonly frikortLeft: Ore
  readonly valid: Period
  /** Of cards valid on the same day the highest counts, whenever it was told; 0 when none was told. */
  readonly serial?: number
  /** The intake that told it: it orders what was known when. */
  readonly intakeNo?: number
}

/** @da partshændelse */
export type PartyEventKind = 'death' | 'missing' | 'name_protection' | 'bankruptcy' | 'closed' | 'restored'
/** Stored as smallint: the position in this list. */
export const PARTY_EVENT_KINDS: readonly PartyEventKind[] = [
  'death',
  'missing',
  'name_protection',
  'bankruptcy',
  'closed',
  // What was told before holds no more: wrongly registered, found again, a bankruptcy that was lifted.
  'restored',
]

/** Events after which a party is paid nothing before a person has looked at it. */
export const STOPPING_EVENTS = ['death', 'missing', 'bankruptcy', 'closed'] as const
export type StoppingEvent = (typeof STOPPING_EVENTS)[number]

/** The three kinds of record of a fact file, as the door delivers them. @da faktafil */
export type FactRecord =
  | {
      readonly record: 'tax_card'
      readonly municipality: Municipality
      readonly person: PartyRef
      readonly se: number
      readonly kind: CardKind
      readonly rate: Millionths
      readonly allowanceMonth: Ore
      readonly allowanceWeek: Ore
      readonly allowanceDay: Ore
      readonly frikortLeft: Ore
      readonly valid: Period
      readonly serial: number
    }
  | {
      readonly record: 'party_event'
      readonly municipality: Municipality
      readonly party: PartyRef
      readonly event: PartyEventKind
      readonly date: Day
    }
  | {
      readonly record: 'claim_opening'
      readonly municipality: Municipality
      readonly claimKey: string
      readonly debtor: PartyRef
      readonly benefit: string
      readonly period: Period
      readonly amount: Ore
      readonly dueDate: Day
      readonly cause: string
    }

/** The open end of a period that has no end. */
export const FOREVER = 2932896 as Day // 9999-12-31
