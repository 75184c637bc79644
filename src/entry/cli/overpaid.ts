/** `toek overpaid`: what is overpaid and undecided, with its age, cause and owner. @da for meget udbetalt */
import { danishDay } from '../../base/danish-time.ts'
import { addDays, day, formatDay } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import { formatKroner } from '../../base/money.ts'
import { type OverpaidLot, readOverpaid } from '../../modules/items/index.ts'
import { OVERPAID_CAUSE } from '../text/index.ts'
import { flag, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, withDatabase } from './world.ts'

const HELP = `toek overpaid: what was paid, is wanted no more, and is not decided yet (for meget udbetalt)

  --municipality 0751[,0101…]|all
  --json

The oldest first. A source system decides to claim it back by a repayment line; what shall not be claimed back is
decided by \`toek decide\`. Exit: 0 nothing is overpaid, 3 something waits for a decision.
`

export const overpaidVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values } = optionsOf(args, { municipality: text, json: flag }, false)
    return await withDatabase(world, 'reader', 'overpaid', async (opened, connection) => {
      const today = danishDay(new Date(world.now()).toISOString())
      const rows: Shown[] = []
      for (const municipality of municipalitiesOf(values.municipality, opened.rates)) {
        const lots = await connection.transaction([municipality], (tx) => readOverpaid(tx, municipality))
        for (const lot of lots) rows.push(shownOf(municipality, lot, today))
      }
      world.out(values.json === true ? `${JSON.stringify({ overpaid: rows })}\n` : asText(rows))
      return rows.length === 0 ? EXIT.done : EXIT.person
    })
  },
}

function shownOf(municipality: number, lot: OverpaidLot, today: number) {
  const since = danishDay(lot.since)
  return {
    municipality: municipalityText(municipality),
    /** Who must decide: the source system that ordered it. */
    source_system: lot.source,
    order_key: lot.orderKey,
    line_key: lot.lineKey,
    version: lot.version,
    benefit: lot.benefit,
    benefit_name: lot.benefitName,
    period: { from: formatDay(lot.from), to: formatDay(lot.to) },
    amount_ore: lot.gross,
    since: formatDay(since),
    cause: lot.cause,
    // Business time may be ahead of the clock: then it is new.
    age_days: Math.max(0, today - since),
  }
}

type Shown = ReturnType<typeof shownOf>

function asText(rows: readonly Shown[]): string {
  if (rows.length === 0) return 'Intet er for meget udbetalt uden afgørelse.\n'
  const head = `${'Ordre'.padEnd(30)}${'Ydelse'.padEnd(28)}${'Periode'.padEnd(26)}${'Siden'.padEnd(12)}${'Grund'.padEnd(24)}${'Beløb'.padStart(20)}`
  const lines = rows.map((row) => {
    const order = `${row.municipality} ${row.source_system} ${row.order_key}/${row.line_key} v${row.version}`
    const last = formatDay(addDays(day(row.period.to), -1))
    const period = `${row.period.from} – ${last}`
    const amount = `${formatKroner(row.amount_ore)} kr.`
    return `${order.padEnd(30)}${row.benefit_name.padEnd(28)}${period.padEnd(26)}${row.since.padEnd(12)}${OVERPAID_CAUSE[row.cause].padEnd(24)}${amount.padStart(20)}`
  })
  const sum = rows.reduce((total, row) => total + row.amount_ore, 0)
  return `${[head, ...lines, '', `${rows.length} poster, i alt ${formatKroner(sum)} kr.`].join('\n')}\n`
}
