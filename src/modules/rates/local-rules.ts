/**
 * What a municipality decides for itself, from a date. Told by facts, appended, never changed; what changes what
 * citizens are paid counts when a second person has approved it. Of the rules of a kind that apply on a day the most
 * specific counts (benefit, then source system), then the latest date, then the newest.
 * @da lokal regel
 */
import type { Db, Tx } from '../../base/db.ts'
import { civil, type Day, dayOf, formatDay } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { GATE_CHECKS, type GateCheck, type GateEffect, type GateSetting, type Release } from './gate-rules.ts'
import { DEFAULT_RAIL, type RailKey } from './rails.ts'
import type { AtCutOff } from './run-times.ts'

export type LocalRuleKind =
  /** From this day the source system's benefits are ours; before it the old system paid. @da overtagelsesdato */
  | 'takeover'
  /** Periods that begin more than so many months before payment wait for a person; 0: none. @da tilbageregulering */
  | 'look_back'
  /** What is left of an order's benefits after tax when a set-off has been taken. @da rådighedsbeløb */
  | 'set_off_minimum'
  /** Differences of corrections below it are gathered or suppressed. @da bagatelgrænse */
  | 'small_amount'
  /** From what a check of payment runs finds something, and what that stops. @da kontrolfund */
  | 'gate'
  /** How many persons approve a payment run. @da frigivelsespolitik */
  | 'release'
  /** A payment above it takes two persons, whatever the release is. */
  | 'two_approvers_over'
  /** The rail that a paying unit pays by; without one NemKonto. @da betalingsvej */
  | 'rail'
  /** Others pay from this bank account too. @da delt konto */
  | 'shared_account'
  /** The municipality pays nothing out on this day. @da lukkedag */
  | 'closing_day'
  /** When a rail must have the file, by the municipality's own agreement. @da skæringstidspunkt */
  | 'cut_off'
  /** What becomes of a run that still waits then. */
  | 'at_cut_off'
  /** From so many hours before it, a run that waits is this owner's. @da eskalering */
  | 'escalation'
  /**
   * What NemKonto was told to do with a payment to somebody without an account (tilslutningsaftale).
   * @da aftale om manglende konto
   */
  | 'no_account'
  /** What becomes of what came back and nobody has claimed for so many months. @da uafhentet betaling */
  | 'unclaimed'

export const LOCAL_RULE_KINDS: readonly LocalRuleKind[] = [
  'takeover',
  'look_back',
  'set_off_minimum',
  'small_amount',
  'gate',
  'release',
  'two_approvers_over',
  'rail',
  'shared_account',
  'closing_day',
  'cut_off',
  'at_cut_off',
  'escalation',
  'no_account',
  'unclaimed',
]
export type SmallAmountTreatment = 'gather' | 'suppress'
export const SMALL_AMOUNT_TREATMENTS: readonly SmallAmountTreatment[] = ['gather', 'suppress']

/** The municipality's own error account (fejlkonto), refusal, or the state's waiting account. */
export const NO_ACCOUNT_TREATMENTS = ['error_account', 'refusal', 'state_account'] as const
export type NoAccountTreatment = (typeof NO_ACCOUNT_TREATMENTS)[number]
/** Income of the municipality; what the citizen has to their credit, until it is claimed; time-barred, for good. */
export const UNCLAIMED_TREATMENTS = ['income', 'claim', 'limitation'] as const
export type UnclaimedTreatment = (typeof UNCLAIMED_TREATMENTS)[number]
/** Nothing is time-barred before (forældelsesloven § 3, three years). */
export const LIMITATION_MONTHS = 36

export interface LocalRule {
  readonly kind: LocalRuleKind
  /** 0: every source system. */
  readonly source: number
  /** 0: every benefit. */
  readonly benefit: number
  readonly validFrom: Day
  readonly amount: Ore
  readonly months: number
  /** Of small amounts, of a gate rule its effect, of a release how, at the cut-off what, of what came back where to. */
  readonly treatment:
    | SmallAmountTreatment
    | GateEffect
    | Release
    | AtCutOff
    | NoAccountTreatment
    | UnclaimedTreatment
    | ''
  /** Of a gate rule: the check, and from what percentage it finds something; else nothing. */
  readonly check: GateCheck | ''
  readonly percent: number
  /** Of a rail: the kind of paying unit; otherwise ''. */
  readonly unit: string
  /** Of a rail and of a cut-off. */
  readonly rail: RailKey | ''
  /** Registration number and account, 14 digits; '' but of a shared account and an error account. */
  readonly account: string
  /** Of a cut-off: bank days before the disposition date, and a Danish clock time `HH:MM`. */
  readonly bankDays?: number | undefined
  readonly clock?: string | undefined
  /** Of what is done before a cut-off: hours before it. */
  readonly hours?: number | undefined
  /** Of an escalation. */
  readonly owner?: string | undefined
}

/** The rules of one municipality, oldest first. */
export interface LocalRules {
  readonly rules: readonly LocalRule[]
  /** The first day that is ours, by the newest fact; undefined: everything is. */
  takeover(source: number): Day | undefined
  /** Periods that begin before this day wait; undefined: no limit. */
  lookBack(source: number, benefit: number, payDay: Day): Day | undefined
  /** Øre that a set-off must leave; 0 without a rule. */
  setOffMinimum(source: number, benefit: number, payDay: Day): Ore
  smallAmount(source: number, benefit: number, payDay: Day): { limit: Ore; treatment: SmallAmountTreatment } | undefined
  /** As the municipality has said, else as `GATE_CHECKS` does; `told`: it has. */
  gate(check: GateCheck, source: number, benefit: number, payDay: Day): GateSetting & { readonly told: boolean }
  /** Undefined without a rule: then one person approves, as everywhere. */
  release(source: number, benefit: number, payDay: Day): Release | undefined
  /** A payment above it takes two persons; undefined: no limit. */
  twoApproversOver(source: number, benefit: number, payDay: Day): Ore | undefined
  /** The rail of a kind of paying unit on a disposition date. */
  rail(unit: string, payDay: Day): RailKey
  isShared(account: string, on: Day): boolean
  /** As agreed with NemKonto; without a rule it refuses. */
  noAccount(on: Day): NoAccountTreatment
  /** The municipality's own error account on a day, also by an agreement that another has followed. */
  isErrorAccount(account: string, on: Day): boolean
  readonly hasErrorAccount: boolean
  /** Undefined without a rule: then it waits for as long as it takes. */
  unclaimed(
    source: number,
    benefit: number,
    on: Day,
  ): { readonly months: number; readonly treatment: UnclaimedTreatment } | undefined
}

const RULE = `l.kind, l.source_system as source, l.benefit, l.valid_from as "validFrom", l.amount_ore as amount, l.months,
  l.treatment, l.gate_check as "check", l.percent, l.unit, l.rail, l.account, l.bank_days as "bankDays", l.clock, l.hours,
  l.owner`

/** A takeover counts at once: it holds orders and lets nothing go. */
const APPROVED = `(l.kind = 'takeover' or exists (select from local_rule_approvals a
  where a.municipality_code = l.municipality_code and a.intake_no = l.intake_no))`

/** The rules that count. */
export async function readLocalRules(db: Db, municipality: Municipality): Promise<LocalRules> {
  const rows = await db.often.rows<LocalRule>(
    `select ${RULE} from local_rules l where l.municipality_code = $1 and ${APPROVED} order by l.intake_no, l.rule_no`,
    [municipality],
  )
  return localRules(rows)
}

/** Which of these accounts two persons have said to be the error accounts of these municipalities. */
export async function errorAccounts(
  db: Db,
  municipalities: readonly Municipality[],
  accounts: readonly string[],
): Promise<{ readonly municipality: Municipality; readonly account: string }[]> {
  return await db.rows(
    `select distinct l.municipality_code as municipality, l.account from local_rules l
     where l.municipality_code = any ($1) and l.kind = 'no_account' and l.account = any ($2) and ${APPROVED} order by 1, 2`,
    [municipalities, accounts],
  )
}

/** A rule that was told and waits for a second person; the rules of one file are approved together. */
export interface WaitingRule extends LocalRule {
  readonly intakeNo: number
  readonly toldBy: string
  /** When, as a business time. */
  readonly toldAt: string
}

export async function waitingRules(db: Db, municipality: Municipality): Promise<WaitingRule[]> {
  return await db.rows<WaitingRule>(
    `select ${RULE}, l.intake_no as "intakeNo", i.actor as "toldBy", i.known_at as "toldAt" from local_rules l
     join intakes i on i.municipality_code = l.municipality_code and i.intake_no = l.intake_no
     where l.municipality_code = $1 and not ${APPROVED} order by l.intake_no, l.rule_no`,
    [municipality],
  )
}

/**
 * A second person approves the rules of one file. Refuses with `four_eyes` who told them, and with `rules_not_waiting`
 * what does not wait here.
 */
export async function approveRules(
  tx: Tx,
  municipality: Municipality,
  intakeNo: number,
  act: { readonly at: string; readonly by: string },
): Promise<WaitingRule[]> {
  const rules = (await waitingRules(tx, municipality)).filter((rule) => rule.intakeNo === intakeNo)
  const [first] = rules
  if (first === undefined) throw new Refusal('rules_not_waiting', `No rules of file ${intakeNo} wait here.`)
  if (first.toldBy === act.by) {
    throw new Refusal('four_eyes', `${act.by} told the rules of file ${intakeNo}; another person must approve them.`)
  }
  await tx.run('insert into local_rule_approvals values ($1, $2, $3, $4, $5)', [
    municipality,
    intakeNo,
    act.at,
    first.toldBy,
    act.by,
  ])
  return rules
}

export async function recordLocalRules(
  tx: Tx,
  municipality: Municipality,
  intakeNo: number,
  rules: readonly LocalRule[],
): Promise<void> {
  if (rules.length === 0) return
  const rows = rules.map((rule, i) => ({ ...rule, no: i + 1, from: formatDay(rule.validFrom) }))
  await tx.run(
    `insert into local_rules (municipality_code, intake_no, rule_no, kind, source_system, benefit, valid_from, amount_ore,
       months, treatment, gate_check, percent, unit, rail, account, bank_days, clock, hours, owner)
     select $1, $2, r.no, r.kind, r.source, r.benefit, r.from, r.amount, r.months, r.treatment, r."check", r.percent,
       r.unit, r.rail, r.account, coalesce(r."bankDays", 0), coalesce(r.clock, ''), coalesce(r.hours, 0),
       coalesce(r.owner, '')
     from jsonb_to_recordset($3::jsonb) as r (no int, kind text, source smallint, benefit smallint, "from" date,
       amount bigint, months int, treatment text, "check" text, percent int, unit text, rail text, account text,
       "bankDays" int, clock text, hours int, owner text)`,
    [municipality, intakeNo, JSON.stringify(rows)],
  )
}

export function localRules(rules: readonly LocalRule[]): LocalRules {
  const kinds = Map.groupBy(rules, (rule) => rule.kind)
  const find = (
    kind: LocalRuleKind,
    source: number,
    benefit: number,
    on: Day,
    check: GateCheck | '' = '',
  ): LocalRule | undefined => {
    let found: LocalRule | undefined
    for (const rule of kinds.get(kind) ?? []) {
      if (rule.check !== check) continue
      if (rule.validFrom > on || (rule.source !== 0 && rule.source !== source)) continue
      if (rule.benefit !== 0 && rule.benefit !== benefit) continue
      if (found === undefined || rankOf(rule) >= rankOf(found)) found = rule
    }
    return found
  }
  return {
    rules,
    takeover: (source) => (kinds.get('takeover') ?? []).findLast((rule) => rule.source === source)?.validFrom,
    lookBack(source, benefit, payDay) {
      const months = find('look_back', source, benefit, payDay)?.months ?? 0
      return months === 0 ? undefined : monthsBefore(payDay, months)
    },
    setOffMinimum: (source, benefit, payDay) => find('set_off_minimum', source, benefit, payDay)?.amount ?? (0 as Ore),
    smallAmount(source, benefit, payDay) {
      const rule = find('small_amount', source, benefit, payDay)
      if (rule === undefined || rule.amount === 0) return undefined
      return { limit: rule.amount, treatment: rule.treatment as SmallAmountTreatment }
    },
    gate(check, source, benefit, payDay) {
      const rule = find('gate', source, benefit, payDay, check)
      if (rule === undefined) return { ...GATE_CHECKS[check], told: false }
      // A rule that only says what is stopped leaves the limits as they are.
      const { amount, percent } = rule.amount > 0 || rule.percent > 0 ? rule : GATE_CHECKS[check]
      return { effect: rule.treatment as GateEffect, amount, percent, told: true }
    },
    release: (source, benefit, payDay) => find('release', source, benefit, payDay)?.treatment as Release | undefined,
    twoApproversOver(source, benefit, payDay) {
      const amount = find('two_approvers_over', source, benefit, payDay)?.amount ?? (0 as Ore)
      return amount === 0 ? undefined : amount
    },
    rail(unit, payDay) {
      let found: LocalRule | undefined
      for (const rule of kinds.get('rail') ?? []) {
        if (rule.unit === unit && rule.validFrom <= payDay && rule.validFrom >= (found?.validFrom ?? 0)) found = rule
      }
      return found?.rail || DEFAULT_RAIL
    },
    isShared: (account, on) =>
      (kinds.get('shared_account') ?? []).some((rule) => rule.account === account && rule.validFrom <= on),
    noAccount: (on) => (find('no_account', 0, 0, on)?.treatment || 'refusal') as NoAccountTreatment,
    isErrorAccount: (account, on) =>
      (kinds.get('no_account') ?? []).some((rule) => rule.account === account && rule.validFrom <= on),
    hasErrorAccount: (kinds.get('no_account') ?? []).some((rule) => rule.account !== ''),
    unclaimed(source, benefit, on) {
      const rule = find('unclaimed', source, benefit, on)
      return rule && { months: rule.months, treatment: rule.treatment as UnclaimedTreatment }
    },
  }
}

/** By how much it says: benefit before system before all; then by date. */
function rankOf({ source, benefit, validFrom }: LocalRule): number {
  return (benefit > 0 ? 2 : 0) * 1e7 + (source > 0 ? 1 : 0) * 1e7 + validFrom
}

/** The first day of the month so many months before a day's. */
function monthsBefore(on: Day, months: number): Day {
  const { year, month } = civil(on)
  const at = year * 12 + (month - 1) - months
  return dayOf(Math.floor(at / 12), (at % 12) + 1, 1)
}
