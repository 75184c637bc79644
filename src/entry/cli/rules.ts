/** `toek rules`: what a municipality has decided for itself, and from when. @da lokal regel */
import { connect } from '../../base/db.ts'
import { formatDay } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import { formatKroner } from '../../base/money.ts'
import { SOURCE_SYSTEMS } from '../../modules/orders/index.ts'
import { type LocalRule, type RateReader, readLocalRules } from '../../modules/rates/index.ts'
import { flag, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, openDatabase, whoAmI } from './world.ts'

const HELP = `toek rules: what municipalities have decided for themselves (lokale regler)

  --municipality 0751[,0101…]|all
  --json

Takeover dates, look-back limits, what a set-off leaves, small amounts; the oldest first. Of rules of one kind the most
specific applies, then the latest. They are told in fact files: records takeover, look_back, set_off_minimum and
small_amount. Exit: 0.
`

export const rulesVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values } = optionsOf(args, { municipality: text, json: flag }, false)
    const opened = await openDatabase(world, () => undefined)
    const connection = await connect(opened.url, 'reader', whoAmI(world, 'rules'))
    try {
      const rows: Shown[] = []
      for (const municipality of municipalitiesOf(values.municipality, opened.rates)) {
        const { rules } = await connection.transaction([municipality], (tx) => readLocalRules(tx, municipality))
        for (const rule of rules) rows.push(shownOf(municipality, rule, opened.rates))
      }
      world.out(values.json === true ? `${JSON.stringify({ rules: rows })}\n` : asText(rows))
      return EXIT.done
    } finally {
      await connection.close()
      await opened.close()
    }
  },
}

function shownOf(municipality: number, rule: LocalRule, rates: RateReader) {
  const benefit = rates.book.benefits.find((one) => one.benefit === rule.benefit)?.key
  return {
    municipality: municipalityText(municipality),
    rule: rule.kind,
    source_system: SOURCE_SYSTEMS[rule.source - 1] ?? null,
    benefit: benefit ?? null,
    from: formatDay(rule.validFrom),
    amount_ore: rule.kind === 'set_off_minimum' || rule.kind === 'small_amount' ? rule.amount : null,
    months: rule.kind === 'look_back' ? rule.months : null,
    treatment: rule.treatment === '' ? null : rule.treatment,
  }
}

type Shown = ReturnType<typeof shownOf>

const NAMES: Record<LocalRule['kind'], string> = {
  takeover: 'Overtaget',
  look_back: 'Reguleres tilbage',
  set_off_minimum: 'Modregning levner',
  small_amount: 'Bagatelgrænse',
}
const TREATMENTS: Record<string, string> = { gather: 'samles', suppress: 'undertrykkes' }

function asText(rows: readonly Shown[]): string {
  if (rows.length === 0) return 'Ingen lokale regler.\n'
  const lines = rows.map((row) => {
    const about = [row.source_system, row.benefit].filter((one) => one !== null).join(' ')
    const what = [
      row.months === null ? '' : `${row.months} måneder`,
      row.amount_ore === null ? '' : `${formatKroner(row.amount_ore)} kr.`,
      TREATMENTS[row.treatment ?? ''] ?? '',
    ].filter((one) => one !== '')
    return `${row.municipality} ${NAMES[row.rule].padEnd(18)} ${about.padEnd(24)} fra ${row.from}  ${what.join(', ')}`.trimEnd()
  })
  return `${lines.join('\n')}\n`
}
