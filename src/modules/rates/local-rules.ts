/**
 * What a municipality decides for itself, from a date. Told by facts, appended, never changed: of the rules of a kind
 * that apply on a day the most specific counts (benefit, then source system), then the latest date, then the newest.
 * @da lokal regel
 */
import type { Db, Tx } from '../../base/db.ts'
import { civil, type Day, dayOf, formatDay } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'

export type LocalRuleKind =
  /** From this day the source system's benefits are ours; before it the old system paid. @da overtagelsesdato */
  | 'takeover'
  /** Periods that begin more than so many months before payment wait for a person; 0: none. @da tilbageregulering */
  | 'look_back'
  /** What is left of an order's benefits after tax when a set-off has been taken. @da rådighedsbeløb */
  | 'set_off_minimum'
  /** Differences of corrections below it are gathered or suppressed. @da bagatelgrænse */
  | 'small_amount'

export const LOCAL_RULE_KINDS: readonly LocalRuleKind[] = ['takeover', 'look_back', 'set_off_minimum', 'small_amount']
export type SmallAmountTreatment = 'gather' | 'suppress'
export const SMALL_AMOUNT_TREATMENTS: readonly SmallAmountTreatment[] = ['gather', 'suppress']

export interface LocalRule {
  readonly kind: LocalRuleKind
  /** 0: every source system. */
  readonly source: number
  /** 0: every benefit. */
  readonly benefit: number
  readonly validFrom: Day
  readonly amount: Ore
  readonly months: number
  readonly treatment: SmallAmountTreatment | ''
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
}

export async function readLocalRules(db: Db, municipality: Municipality): Promise<LocalRules> {
  const rows = await db.rows<LocalRule>(
    `select kind, source_system as source, benefit, valid_from as "validFrom", amount_ore as amount, months, treatment
     from local_rules where municipality_code = $1 order by intake_no, rule_no`,
    [municipality],
  )
  return localRules(rows)
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
    `insert into local_rules select $1, $2, r.no, r.kind, r.source, r.benefit, r.from, r.amount, r.months, r.treatment
     from jsonb_to_recordset($3::jsonb) as r (no int, kind text, source smallint, benefit smallint, "from" date,
       amount bigint, months int, treatment text)`,
    [municipality, intakeNo, JSON.stringify(rows)],
  )
}

export function localRules(rules: readonly LocalRule[]): LocalRules {
  const kinds = Map.groupBy(rules, (rule) => rule.kind)
  const find = (kind: LocalRuleKind, source: number, benefit: number, on: Day): LocalRule | undefined => {
    let found: LocalRule | undefined
    for (const rule of kinds.get(kind) ?? []) {
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
      if (rule === undefined || rule.treatment === '' || rule.amount === 0) return undefined
      return { limit: rule.amount, treatment: rule.treatment }
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
