/** `node read-statement.ts FILE`: reads a bank statement as the line does, and says what it took. */
import { statementReader } from '../../src/adapters/bank/index.ts'
import { readThrough } from '../../src/entry/line/read-in-place.ts'

let entries = 0
let ore = 0
const reader = statementReader({
  entry: ({ amount }) => {
    entries++
    ore += amount
  },
})
const { bytes } = await readThrough(process.argv[2] as string, reader)
const { whole } = reader.finish()
const peakMb = Math.round(process.resourceUsage().maxRSS / 1024)
process.stdout.write(`${JSON.stringify({ whole, entries, ore, bytes, peakMb })}\n`)
