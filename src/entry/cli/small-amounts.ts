/** `toek small-amounts`: what is below the municipality's limit: gathered, or let go. @da bagatelgrænse */
import { danishDay } from '../../base/danish-time.ts'
import { formatDay } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import { formatKroner } from '../../base/money.ts'
import { readSmallAmounts, type SmallAmount } from '../../modules/overview/index.ts'
import { flag, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, withDatabase } from './world.ts'

const HELP = `toek small-amounts: differences below the municipality's limit (undertrykte og samlede småbeløb)

  --municipality 0751[,0101…]|all
  --json

gathered: an increase that is paid with the next payment of the benefit to the same payee. suppressed: paid too much,
and not claimed back. The limit is a local rule: \`toek rules\`. Exit: 0.
`

export const smallAmountsVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values } = optionsOf(args, { municipality: text, json: flag }, false)
    return await withDatabase(world, 'reader', 'small-amounts', async (opened, connection) => {
      const rows: Shown[] = []
      for (const municipality of municipalitiesOf(values.municipality, opened.rates)) {
        const found = await connection.transaction([municipality], (tx) => readSmallAmounts(tx, municipality))
        rows.push(...found.map((one) => shownOf(municipality, one)))
      }
      world.out(values.json === true ? `${JSON.stringify({ small_amounts: rows })}\n` : asText(rows))
      return EXIT.done
    })
  },
}

function shownOf(municipality: number, one: SmallAmount) {
  return {
    municipality: municipalityText(municipality),
    treatment: one.treatment,
    source_system: one.source,
    order_key: one.orderKey,
    version: one.version,
    benefit: one.benefitName,
    amount_ore: one.amount,
    since: formatDay(danishDay(one.since)),
  }
}

type Shown = ReturnType<typeof shownOf>
const TREATMENTS = { gathered: 'samles', suppressed: 'undertrykt' }

function asText(rows: readonly Shown[]): string {
  if (rows.length === 0) return 'Ingen beløb er under bagatelgrænsen.\n'
  const lines = rows.map((row) => {
    const order = `${row.municipality} ${row.source_system} ${row.order_key} v${row.version}`
    const amount = `${formatKroner(row.amount_ore)} kr.`
    return `${order.padEnd(30)}${row.benefit.padEnd(28)}${TREATMENTS[row.treatment].padEnd(12)}${row.since.padEnd(12)}${amount.padStart(16)}`
  })
  const sums = (['gathered', 'suppressed'] as const).map((kind) => {
    const own = rows.filter((row) => row.treatment === kind)
    const sum = own.reduce((total, row) => total + row.amount_ore, 0)
    return `${own.length} ${TREATMENTS[kind]}, i alt ${formatKroner(sum)} kr.`
  })
  return `${[...lines, '', ...sums].join('\n')}\n`
}
