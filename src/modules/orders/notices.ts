/** When the debtor of a repayment decision was heard and told of it: few lines say so, so it stands beside them. */
import { rowWriter } from '../../base/copy.ts'
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality, OrderId } from '../../base/id.ts'
import type { Order, OrderLine } from './order.ts'

/** @da partshøring og meddelelse */
export interface RepaymentNotice {
  readonly orderId: OrderId
  readonly lineNo: number
  readonly hearing: Day | undefined
  readonly notice: Day | undefined
}

/** Adds what the lines of an order say; each order of a month comes by here. */
export function addNotices(to: RepaymentNotice[], orderId: OrderId, { lines }: Order): void {
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as OrderLine
    if (line.kind !== 'repayment') continue
    const { hearingDate: hearing, noticeDate: notice } = line.decision
    if (hearing !== undefined || notice !== undefined) to.push({ orderId, lineNo: i + 1, hearing, notice })
  }
}

export async function recordNotices(
  tx: Tx,
  municipality: Municipality,
  notices: readonly RepaymentNotice[],
): Promise<void> {
  if (notices.length === 0) return
  const rows = rowWriter(1 << 10)
  for (const { orderId, lineNo, hearing, notice } of notices) {
    rows.row(5)
    rows.i16(municipality)
    rows.i64(orderId)
    rows.i16(lineNo)
    if (hearing === undefined) rows.nothing()
    else rows.date(hearing)
    if (notice === undefined) rows.nothing()
    else rows.date(notice)
  }
  await tx.copyIn('repayment_notices', 'municipality_code, order_id, line_no, hearing_date, notice_date', rows)
}
