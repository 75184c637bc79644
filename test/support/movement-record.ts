/** A new version said as a movement against the one before it, where only amounts change, or lines at the end. */
import { isDeepStrictEqual } from 'node:util'
import type { LineRecord, OrderRecord } from './files.ts'

/** Undefined when it cannot be said so, or when nothing changes: a movement has a line. */
export function movementOf(before: OrderRecord, after: OrderRecord): OrderRecord | undefined {
  if ([before, after].some((one) => one['state'] !== 'active')) return undefined
  const lines: LineRecord[] = []
  for (let i = 0; i < Math.max(before.lines.length, after.lines.length); i++) {
    const [old, now] = [before.lines[i], after.lines[i]]
    if (old !== undefined && now !== undefined && !isSameLine(old, now)) return undefined
    const delta = amountOf(now) - amountOf(old)
    if (delta !== 0) lines.push(changed((now ?? old) as LineRecord, delta))
  }
  const adjusts = { order_key: before.order_key, version: before['version'] }
  return lines.length === 0 ? undefined : { ...after, adjusts, lines }
}

function amountOf(line: LineRecord | undefined): number {
  return Number(line?.['amount_ore'] ?? 0)
}

function changed(line: LineRecord, delta: number): LineRecord {
  const rest = Object.entries(line).filter(([key]) => key !== 'amount_ore')
  return { ...Object.fromEntries(rest), kind: line.kind, delta_ore: delta }
}

/** A decision to claim is said as it is: its amount is no change. */
function isSameLine(old: LineRecord, now: LineRecord): boolean {
  const same = { ...old, amount_ore: now['amount_ore'] }
  return isDeepStrictEqual(now, old.kind === 'repayment' ? old : same)
}
