/** Payments of which more had to be looked up: unusual for the payee, for time long gone, or the same twice. Pure. */
import { type Day, formatDay } from '../../base/date.ts'
import type { ItemId, PartyId, PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import type { GateCheck } from '../rates/index.ts'
import { type Candidate, type Doubtful, effectOn, type FindingDetail, type NewFinding } from './gate.ts'

/** What was looked up of the doubtful. */
export interface LookedUp {
  /** The most that one payment came to lately, by payee, system and NemKonto kind. */
  readonly lastPaid: ReadonlyMap<string, number>
  /** Of each payment: what it pays for periods that ended a month before its own month. */
  readonly longGone: ReadonlyMap<PaymentId, { readonly amount: number; readonly from: Day; readonly to: Day }>
  readonly lines: ReadonlyMap<ItemId, TwinLine>
}

export interface TwinLine {
  readonly rightHolder: PartyId
  readonly from: Day
  readonly to: Day
  readonly orderKey: string
}

export function lastPaidKey(payee: PartyId, source: number, railKind: string): string {
  return `${payee}:${source}:${railKind}`
}

export function judgeDoubtful({ unusual, backPay, twins }: Doubtful, seen: LookedUp): NewFinding[] {
  const findings: NewFinding[] = []
  const found = (of: Candidate, check: GateCheck, amount: number, detail: FindingDetail): void => {
    findings.push({
      runNo: of.runNo,
      check,
      payment: of.id,
      amount: amount as Ore,
      effect: effectOn(of.payment, of.setting.effect),
      detail,
    })
  }
  for (const one of unusual) {
    const last = seen.lastPaid.get(lastPaidKey(one.payment.payee, one.group.source, one.group.railKind))
    const { percent } = one.setting
    if (last === undefined || one.payment.amount * 100 < last * percent) continue
    found(one, 'unusual_for_person', one.payment.amount, { usual_ore: last })
  }
  for (const one of backPay) {
    const gone = seen.longGone.get(one.id)
    if (gone === undefined || gone.amount < one.setting.amount) continue
    found(one, 'back_pay', gone.amount, { from: formatDay(gone.from), to: formatDay(gone.to) })
  }
  for (const { candidate, items } of twins) {
    for (const [i, item] of items.entries()) {
      const line = seen.lines.get(item)
      const other = items.slice(0, i).find((before) => isTwin(seen.lines.get(before), line))
      const amount = candidate.payment.parts.find((part) => part.item === item)?.amount ?? 0
      if (line === undefined || other === undefined) continue
      const detail = { cause: 'same_payee', order: line.orderKey, other: (seen.lines.get(other) as TwinLine).orderKey }
      found(candidate, 'double_payment', amount, detail)
    }
  }
  return findings
}

/** The same right holder and time, by another decision: versions of one are its corrections. */
function isTwin(a: TwinLine | undefined, b: TwinLine | undefined): boolean {
  return (
    a !== undefined &&
    b !== undefined &&
    a.rightHolder === b.rightHolder &&
    a.orderKey !== b.orderKey &&
    a.from < b.to &&
    b.from < a.to
  )
}
