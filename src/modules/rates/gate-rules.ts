/**
 * What is looked at when a payment run is assembled, and what becomes of what is found, until a municipality says
 * otherwise. No public source sets these limits: they are assumed, and chosen so that an ordinary month is not stopped.
 * @da kontrolfund
 */
import type { Ore } from '../../base/money.ts'

export type GateCheck =
  /** A benefit comes to much more or less than in the month before. */
  | 'benefit_change'
  /** Let go by a person though it may be paid twice; or the same to the same payee for the same person and time. */
  | 'double_payment'
  /** To somebody who is dead, missing, bankrupt or closed, and whom no fact could stop. */
  | 'stopped_party'
  /** To somebody whose name and address are protected. */
  | 'protected_party'
  /** An order names somebody who was never paid for that person. */
  | 'new_payee'
  /** By a payee arrangement that was entered or approved lately, and never paid by. */
  | 'account_changed'
  | 'unusual_for_person'
  | 'unusual_for_benefit'
  /** For months long gone. */
  | 'back_pay'
  | 'no_tax_card'
  /** The unit, its account or an account of the ledger is missing on the day. */
  | 'no_mapping'
  | 'closed_period'
  /** A source system told of more than came in. */
  | 'control_totals'
  /** More leaves an account on a day than the municipality has set. */
  | 'liquidity'

/**
 * `nothing`: shown. `ask`: shown, and a person approves where release is automatic. `block_line`: the payment waits
 * and the rest goes. `block_run`: nobody approves the run before it is lifted with a reason.
 */
export type GateEffect = 'nothing' | 'ask' | 'block_line' | 'block_run'
export const GATE_EFFECTS: readonly GateEffect[] = ['nothing', 'ask', 'block_line', 'block_run']

export interface GateSetting {
  readonly effect: GateEffect
  /** From so many øre something is found; 0: from the first. */
  readonly amount: Ore
  /** From so many per cent of what it is compared with; 0: not compared. */
  readonly percent: number
}

interface CheckOf extends GateSetting {
  readonly nameDa: string
  /** Only what is found of a payment can stop that payment. */
  readonly of: 'payment' | 'run'
}

const ore = (kroner: number): Ore => (kroner * 100) as Ore
const check = (nameDa: string, of: CheckOf['of'], effect: GateEffect, kroner = 0, percent = 0): CheckOf => {
  return { nameDa, of, effect, amount: ore(kroner), percent }
}

/** Assumed, every one. `benefit_change` finds a difference of the percentage and the amount at least. */
export const GATE_CHECKS: Readonly<Record<GateCheck, CheckOf>> = {
  benefit_change: check('Forskel fra sidste måned', 'run', 'ask', 50_000, 20),
  double_payment: check('Mulig dobbeltbetaling', 'payment', 'ask'),
  stopped_party: check('Død, forsvundet, konkurs eller lukket', 'payment', 'ask'),
  protected_party: check('Beskyttet navn og adresse', 'payment', 'nothing'),
  new_payee: check('Ny modtager i en ordre', 'payment', 'ask'),
  account_changed: check('Konto ændret for nylig', 'payment', 'ask'),
  unusual_for_person: check('Usædvanligt beløb for modtageren', 'payment', 'ask', 20_000, 300),
  unusual_for_benefit: check('Usædvanligt beløb for ydelsen', 'payment', 'ask', 20_000, 1_000),
  back_pay: check('Stor efterbetaling', 'payment', 'ask', 20_000),
  no_tax_card: check('Uden skattekort', 'payment', 'nothing'),
  no_mapping: check('Manglende konto eller enhed', 'run', 'block_run'),
  closed_period: check('Lukket periode', 'run', 'block_run'),
  control_totals: check('Kontroltal fra fagsystemet', 'run', 'ask'),
  liquidity: check('Likviditetsgrænse', 'run', 'ask'),
}

export const GATE_CHECK_NAMES = Object.keys(GATE_CHECKS) as GateCheck[]

/** Days after its approval in which an account counts as changed lately. Assumed. */
export const ACCOUNT_CHANGED_DAYS = 30

/** How a run of a system and benefit is let go: by itself when nothing was found, or by one or two persons. */
export type Release = 'automatic' | 'one' | 'two'
export const RELEASES: readonly Release[] = ['automatic', 'one', 'two']
