/** `toek whatif`: a changed rate, rule, code or account, tried on what was paid; nothing is changed. */
import { existsSync, readFileSync } from 'node:fs'
import { readJson } from '../../adapters/source-systems/index.ts'
import { type Day } from '../../base/date.ts'
import { formatKroner } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import {
  type BookChange,
  changedBook,
  lookup,
  readChanges,
  readLaw,
  type RateReader,
} from '../../modules/rates/index.ts'
import { itemsToTry, type WhatIf, type WhatIfSums, whatIf } from '../line/what-if.ts'
import { benefitNames } from './benefit-names.ts'
import { dayOption, flag, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, lineFor, municipalitiesOf, reporter, withDatabase } from './world.ts'

export const CHANGES_HELP = `A change has "from", perhaps "to" (dates, half-open; without "to" it covers whatever the book has from then on) and is
  {"kind":"rate","name":"obligatory_pension|am_bidrag|tax_without_card","rate_percent":"2.4"}
  {"kind":"atp","rule":"monthly|hourly|flekstilskud"} with own_ore, employer_ore, minimum_ore, own_rate_percent, own_cap_ore
  {"kind":"benefit","benefit":"kontanthjaelp"} with taxable, am_liable, atp, pension, reimbursed, income_kind,
                             cost_account, atp_cost_account, pension_cost_account
  {"kind":"tax_method","municipality":"0751","method":"exact_ore|nearest_krone|drop_ore|base_tens_tax_up"}
  {"kind":"exclusion","benefits":["a","b"],"excluded":true|false}
  or, without dates of its own,
  {"kind":"closing_days","days":["2027-06-04"]} with municipality, or for all
  {"kind":"account","number":"5.57.72.1.099","name":"…"}   a cost account that the chart lacks
`

const HELP = `toek whatif [FILE.json]: try a change of a rate, a rule, a code or an account on what was paid

  FILE.json                  a list of changes, or the file of a law change (toek law)
                             without a file: what the changes that are approved would make of what was calculated before
  --municipality 0751[,0101…]|all
  --since YYYY-MM-DD         what was paid from this day on; default everything
  --json

Every person is reckoned again from the first order to the last, so that allowances are shared anew. Nothing is changed.

${CHANGES_HELP}
Exit: 0 done, 4 the change cannot be read.
`

export const whatIfVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values, positionals } = optionsOf(args, { municipality: text, since: text, json: flag })
    const [path] = positionals
    const since = dayOption(values.since, 'since') ?? (0 as Day)
    const changes = path === undefined ? undefined : changesIn(path)
    return await withDatabase(world, 'loader', 'whatif', async (opened, connection) => {
      const show = reporter(world, values.json === true)
      const books =
        changes === undefined
          ? { after: opened.rates }
          : { before: opened.rates, after: lookup(changedBook(opened.rates.book, changes)) }
      const municipalities = municipalitiesOf(values.municipality, opened.rates)
      const line = lineFor(world, opened, connection)
      show.stage('genberegning', await itemsToTry(line, municipalities, since))
      const onDone = (items: number) => show.done(items)
      const found = await whatIf(line, { municipalities, since, ...books, onDone })
      show.end()
      world.out(values.json === true ? `${JSON.stringify(found)}\n` : whatIfText(found, opened.rates))
      return EXIT.done
    })
  },
}

const NAMES: readonly (readonly [string, Exclude<keyof WhatIfSums, 'items' | 'redated'>])[] = [
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

function changesIn(path: string): readonly BookChange[] {
  if (!existsSync(path)) throw new Refusal('no_file', `There is no file ${path}.`)
  const read = readJson(readFileSync(path, 'utf8'))
  if (read.fault !== undefined) throw new Refusal(read.fault.code, `${path}: ${read.fault.detail}`)
  const { value } = read
  return typeof value === 'object' && value !== null && 'changes' in value ? readLaw(value).changes : readChanges(value)
}

export function whatIfText(found: WhatIf, rates: RateReader): string {
  const nameOf = benefitNames(rates)
  const row = (name: string, ore: number) => `  ${name.padEnd(40)}${`${formatKroner(ore)} kr.`.padStart(24)}`
  const block = (name: string, sums: WhatIfSums) => [
    `${name}: ${sums.items} poster ændres${sums.redated > 0 ? `, ${sums.redated} betales en anden dag` : ''}`,
    ...NAMES.filter(([, key]) => sums[key] !== 0).map(([label, key]) => row(label, sums[key])),
    '',
  ]
  const lines = [`${found.items} beregnede poster regnet igen.`, '', ...block('I alt', found.totals)]
  for (const [benefit, sums] of Object.entries(found.by_benefit)) lines.push(...block(nameOf(benefit), sums))
  if (found.not_reproduced > 0) lines.push(`${found.not_reproduced} poster er før regnet anderledes end nu.`, '')
  if (found.largest.length > 0) lines.push(`De ${found.largest.length} største`)
  for (const one of found.largest) {
    const [what, ore] =
      one.net_ore !== 0
        ? ['netto', one.net_ore]
        : one.contributions_ore !== 0
          ? ['kommunens ATP og pension', one.contributions_ore]
          : ['omkonteres', one.recoded_ore]
    lines.push(`${row(`${one.municipality} ${one.order_key}/${one.line_no}`, ore)}  ${what}`)
  }
  return `${lines.join('\n')}\n`
}
