/** `toek whatif`: a changed rate, rule, code or account, tried on what was paid; nothing is changed. */
import { existsSync, readFileSync } from 'node:fs'
import { readJson } from '../../adapters/source-systems/index.ts'
import { connect } from '../../base/db.ts'
import { parseDay, type Day } from '../../base/date.ts'
import { formatKroner } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { type BookChange, changedBook, lookup } from '../../modules/rates/index.ts'
import { type WhatIf, type WhatIfSums, whatIf } from '../line/what-if.ts'
import { flag, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, openDatabase, reporter, whoAmI } from './world.ts'

const HELP = `toek whatif FILE.json: try a change of a rate, a rule, a code or an account on what was paid

  FILE.json                  a list of changes, each with "from" and perhaps "to" (dates) and one of
                             {"kind":"rate","name":"obligatory_pension|am_bidrag|tax_without_card","rate_percent":"2.4"}
                             {"kind":"atp","rule":"monthly","own_ore","employer_ore","minimum_ore"?}
                             {"kind":"benefit","benefit",…} with taxable, am_liable, atp, pension, income_kind, cost_account
  --municipality 0751[,0101…]|all
  --since YYYY-MM-DD         what was paid from this day on; default everything
  --json

Every item is reckoned again with the card and the allowance that it was given. Nothing is changed.
Exit: 0 done, 4 the change cannot be read.
`

export const whatIfVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values, positionals } = optionsOf(args, { municipality: text, since: text, json: flag })
    const [path] = positionals
    const since = values.since === undefined ? (0 as Day) : parseDay(values.since)
    if (path === undefined || since === undefined) throw new Refusal('usage', HELP)
    if (!existsSync(path)) throw new Refusal('no_file', `There is no file ${path}.`)
    const read = readJson(readFileSync(path, 'utf8'))
    if (read.fault !== undefined) throw new Refusal(read.fault.code, `${path}: ${read.fault.detail}`)
    const changes = (Array.isArray(read.value) ? read.value : [read.value]) as BookChange[]
    const opened = await openDatabase(world, () => undefined)
    const connection = await connect(opened.url, 'loader', whoAmI(world, 'whatif'))
    const show = reporter(world, values.json === true)
    try {
      const after = lookup(changedBook(opened.rates.book, changes))
      const municipalities = municipalitiesOf(values.municipality, opened.rates)
      show.stage('genberegning')
      const line = { connection, rates: opened.rates, folders: { out: '', in: '' }, at: () => undefined }
      const onDone = (items: number) => show.done(items)
      const found = await whatIf(line, { municipalities, since, before: opened.rates, after, onDone })
      show.end()
      world.out(values.json === true ? `${JSON.stringify(found)}\n` : asText(found))
      return EXIT.done
    } finally {
      await connection.close()
      await opened.close()
    }
  },
}

const NAMES: readonly (readonly [string, Exclude<keyof WhatIfSums, 'items'>])[] = [
  ['egen ATP', 'own_atp_ore'],
  ['AM-bidrag', 'am_ore'],
  ['A-skat', 'tax_ore'],
  ['kommunens ATP', 'employer_atp_ore'],
  ['obligatorisk pension', 'pension_ore'],
  ['netto', 'net_ore'],
  ['heraf for meget udbetalt', 'overpaid_ore'],
  ['heraf for lidt udbetalt', 'underpaid_ore'],
  ['anden konto eller indkomstart, brutto', 'recoded_ore'],
]

function asText(found: WhatIf): string {
  const row = (name: string, ore: number) => `  ${name.padEnd(40)}${`${formatKroner(ore)} kr.`.padStart(24)}`
  const block = (name: string, sums: WhatIfSums) => [
    `${name}: ${sums.items} poster ændres`,
    ...NAMES.filter(([, key]) => sums[key] !== 0).map(([label, key]) => row(label, sums[key])),
    '',
  ]
  const lines = [`${found.items} beregnede poster regnet igen.`, '', ...block('I alt', found.totals)]
  for (const [benefit, sums] of Object.entries(found.by_benefit)) lines.push(...block(benefit, sums))
  if (found.largest.length > 0) lines.push('De største forskelle i netto')
  for (const one of found.largest) lines.push(row(`${one.municipality} ${one.order_key}/${one.line_no}`, one.net_ore))
  return `${lines.join('\n')}\n`
}
