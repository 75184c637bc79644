/** `toek year-end`: open claims that become claims before tax on the first of January. @da årsskifte for krav */
import { formatDay } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import { formatKroner } from '../../base/money.ts'
import { readYearEnd } from '../../modules/overview/index.ts'
import { flag, monthOption, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, withDatabase } from './world.ts'

const HELP = `toek year-end: claims without tax that are owed before tax from the first of January (krav ved årsskiftet)

  --month 2026-11|2026-12
  --municipality 0751[,0101…]|all
  --json

What is paid before the year ends is paid without tax. The first run of the new year books what is left. Exit: 0.
`

export const yearEndVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values } = optionsOf(args, { month: text, municipality: text, json: flag }, false)
    const month = monthOption(values.month, HELP)
    return await withDatabase(world, 'reader', 'year-end', async (opened, connection) => {
      const rows: Shown[] = []
      for (const municipality of municipalitiesOf(values.municipality, opened.rates)) {
        const found = await connection.transaction([municipality], (tx) =>
          readYearEnd(tx, municipality, month.from, opened.rates),
        )
        rows.push(...found.map((one) => shownOf(municipality, one)))
      }
      world.out(values.json === true ? `${JSON.stringify({ year_end: rows })}\n` : asText(rows))
      return EXIT.done
    })
  },
}

function shownOf(municipality: number, one: Awaited<ReturnType<typeof readYearEnd>>[number]) {
  return {
    municipality: municipalityText(municipality),
    source_system: one.source,
    claim_key: one.claimKey,
    left_ore: one.left,
    gross_ore: one.gross,
    on: formatDay(one.on),
  }
}

type Shown = ReturnType<typeof shownOf>

function asText(rows: readonly Shown[]): string {
  if (rows.length === 0) return 'Ingen åbne krav bliver til krav før skat ved årsskiftet.\n'
  const money = (ore: number) => `${formatKroner(ore)} kr.`.padStart(20)
  const lines = rows.map((row) => {
    const claim = `${row.municipality} ${row.source_system} ${row.claim_key}`
    return `${claim.padEnd(40)}${money(row.left_ore)}${money(row.gross_ore)}  fra ${row.on}`
  })
  const head = `${'Fordring'.padEnd(40)}${'Rest nu'.padStart(20)}${'Før skat'.padStart(20)}`
  return `${[head, ...lines, '', `${rows.length} krav`].join('\n')}\n`
}
