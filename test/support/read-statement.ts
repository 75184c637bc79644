/**
 * `node read-statement.ts FILE book|hold`: reads a bank statement as the line does, and says what it took. `book`:
 * movements are taken piece by piece while it is read, as those of one that is certainly new; `hold`: at its end.
 */
import { scan, take } from '../../src/entry/line/scan-statement.ts'

const [path = '', how = ''] = process.argv.slice(2)
const AT_ONCE = 20_000
let entries = 0
let ore = 0
const { whole, bytes, reports } = await scan(path, { atOnce: AT_ONCE, most: 63 * AT_ONCE }, async (report) => {
  while (how === 'book' && report.count - report.before >= AT_ONCE) report.before += count(take(report, AT_ONCE))
})
for (const report of reports) {
  for (let some = take(report, AT_ONCE); some.length > 0; some = take(report, AT_ONCE)) count(some)
}
const peakMb = Math.round(process.resourceUsage().maxRSS / 1024)
process.stdout.write(`${JSON.stringify({ whole, entries, ore, bytes, peakMb })}\n`)

function count(some: ReturnType<typeof take>): number {
  entries += some.length
  for (const { amount } of some) ore += amount
  return some.length
}
