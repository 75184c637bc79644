/** What tests of local rules have in common. */
import { day } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import type { LocalRule } from './local-rules.ts'

/** A rule of a municipality from a date, of everything and with nothing said but what is. */
export function localRule(kind: LocalRule['kind'], from: string, more: Partial<LocalRule> = {}): LocalRule {
  return {
    kind,
    source: 0,
    benefit: 0,
    validFrom: day(from),
    amount: 0 as Ore,
    months: 0,
    treatment: '',
    check: '',
    percent: 0,
    unit: '',
    rail: '',
    account: '',
    ...more,
  }
}
