/** A later month's corrections: new versions of a month's orders. */
import { createReadStream, createWriteStream, mkdirSync, readdirSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { day, formatDay } from '../src/base/date.ts'
import { lastBankDayOfMonth } from '../src/modules/rates/index.ts'

/** Of a month's orders, so many get a new version in the next. */
export const SHARE = 0.3

interface Line {
  kind: string
  amount_ore: number
  claim_key?: string
  period?: { from: string; to: string }
}
interface Order {
  order_key: string
  version: number
  state: string
  reason?: string
  disposition_date: string
  lines: Line[]
}

/** Files of a month, and those of the next that new versions are written beside. */
export interface Months {
  readonly from: string
  readonly month: string
  readonly to: string
  readonly next: string
}

/**
 * Writes files of new versions of a month's ordinary orders beside the next month's own, paid on its last bank day;
 * gives their number.
 */
export async function correct({ from, month, to, next }: Months): Promise<number> {
  const paid = formatDay(lastBankDayOfMonth(day(`${next}-01`)))
  const [old, fresh] = [`${month}-R`, `${next}-R`]
  mkdirSync(to, { recursive: true })
  let made = 0
  const names = readdirSync(from).filter((one) => !one.includes('FAKTA') && !one.includes(old))
  for (const name of names.sort()) {
    const versions: Order[] = []
    let envelope: Record<string, unknown> = {}
    let number = 0
    for await (const text of createInterface({ input: createReadStream(join(from, name)) })) {
      const record = JSON.parse(text) as Record<string, unknown>
      if (record['record'] === 'envelope') envelope = record
      else if (number++ % 10 < SHARE * 10) versions.push(newVersion(record as unknown as Order, number, paid))
    }
    made += versions.length
    if (versions.length > 0) await write(join(to, name.replace(month, fresh)), { ...envelope, month: next }, versions)
  }
  return made
}

/** Five kinds of change in turn; what was decided to be repaid is said once. */
function newVersion(order: Order, number: number, paid: string): Order {
  const lines = order.lines.filter((line) => line.kind !== 'repayment')
  const benefits = lines.filter((line) => line.kind === 'benefit')
  const change = Math.floor(number / 10) % 5
  const [first, second] = benefits
  if (first !== undefined && change === 0) first.amount_ore += 30_000
  if (first !== undefined && change === 1) first.amount_ore = Math.max(1, first.amount_ore - 30_000)
  if (first !== undefined && change === 3 && second !== undefined) {
    const moved = Math.floor(first.amount_ore / 10)
    first.amount_ore -= moved
    second.amount_ore += moved
  }
  const whole = { ...order, version: order.version + 1, disposition_date: paid, lines }
  return change === 2 ? { ...whole, state: 'withdrawn', reason: 'Afgørelsen er omgjort' } : whole
}

async function write(path: string, envelope: Record<string, unknown>, orders: readonly Order[]): Promise<void> {
  const sums = Object.fromEntries(
    ['benefit', 'set_off', 'third_party', 'repayment'].map((kind) => {
      const lines = orders.flatMap((order) => order.lines.filter((line) => line.kind === kind))
      return [kind, { lines: lines.length, ore: lines.reduce((sum, line) => sum + line.amount_ore, 0) }]
    }),
  )
  const fileId = `${String(envelope['file_id'])}-R`
  const out = createWriteStream(path)
  out.write(`${JSON.stringify({ ...envelope, file_id: fileId, count: orders.length, sums })}\n`)
  for (const order of orders) out.write(`${JSON.stringify(order)}\n`)
  out.end()
  await once(out, 'finish')
}
