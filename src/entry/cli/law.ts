/**
 * `toek law`: a law change is entered by one person, tried on what was paid, and approved by another. @da lovændring
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { readJson } from '../../adapters/source-systems/index.ts'
import type { Connection } from '../../base/db.ts'
import { danishDay, danishInstant } from '../../base/danish-time.ts'
import { addDays, type Day, formatDay } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import { formatKroner } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { type LawChange, readLaw, readLaws, type RateReader, withApprovedLaws } from '../../modules/rates/index.ts'
import { type Applied, applyLaws } from '../line/apply-law.ts'
import { approveLawChange, enterLawChange, tryLawChange } from '../line/change-law.ts'
import type { Line } from '../line/line.ts'
import { itemsToTry, type WhatIf } from '../line/what-if.ts'
import { EXPLAIN_PAGE, putSource, TAX_METHOD } from '../text/index.ts'
import { dayOption, flag, lacks, numberOf, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { CHANGES_HELP, whatIfText } from './what-if.ts'
import { EXIT, lineFor, municipalitiesOf, type Opened, reporter, withDatabase, type World } from './world.ts'

const HELP = `toek law: change what TØK decides (rates, ATP, what a benefit is, accounts, rounding, closing days)

  enter FILE.json            {"name","legal_source","effective_from":"2027-01-01","changes":[…]}
  list                       every change: who entered, tried and approved it, and what it would change
  test NUMBER --municipality 0751[,0101…]|all   try it on what was paid; the sums are kept with it
    --since YYYY-MM-DD       what was paid from this day on; default everything
  approve NUMBER --items N --net=ORE   approve it, by the figures that were shown; never by who entered it
  apply --municipality 0751[,0101…]|all   what was paid before goes over to the accounts and kinds of income that the
                             approved changes give it: the next run moves it, without money and tax. Safe to repeat
  rates --on YYYY-MM-DD      the rates that apply on a day
  --known-on YYYY-MM-DD      list and rates: as they were known at the end of that day
  --by NAME                  who acts; default the account that runs the program
  --json

${CHANGES_HELP}
"from" may be left out: then it is effective_from. What is approved applies to all that is planned from then on, from
its date. What was calculated before stands, until it is applied (accounts, kinds of income, refunds) or its order comes
again (rates); toek whatif without a file shows what it would be now.
Exit: 0 approved or nothing waits, 2 applied but for what waits, 3 a change waits to be tried or approved, 4 refused.
`

const OPTIONS = {
  municipality: text,
  since: text,
  items: text,
  net: text,
  on: text,
  'known-on': text,
  by: text,
  json: flag,
} as const

type Values = ReturnType<typeof optionsOf<typeof OPTIONS>>['values']

interface Asked {
  readonly world: World
  readonly opened: Opened
  readonly connection: Connection
  readonly line: Line
  readonly values: Values
  readonly act: { readonly at: string; readonly by: string }
}

export const lawVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values, positionals } = optionsOf(args, OPTIONS)
    const [what, named] = positionals
    return await withDatabase(world, 'loader', 'law', async (opened, connection) => {
      const line = lineFor(world, opened, connection)
      const act = { at: new Date(world.now()).toISOString(), by: values.by ?? world.user }
      const asked = { world, opened, connection, line, values, act }
      if (what === 'enter' && named !== undefined) return await enter(asked, named)
      if (what === 'list') return tell(asked, await readLaws(connection.db, knownAt(values)))
      if (what === 'test') return await tryIt(asked, changeNumber(named))
      if (what === 'approve') return await approve(asked, changeNumber(named))
      if (what === 'apply') return await apply(asked)
      if (what === 'rates') return await rates(asked)
      const said = what === undefined ? '' : `, not ${positionals.join(' ')}`
      throw lacks(`Say what: enter FILE, list, test NUMBER, approve NUMBER, apply or rates${said}.`, HELP)
    })
  },
}

function changeNumber(named: string | undefined): number {
  return numberOf(named, 'Say the number of the change, as toek law list shows it.', HELP)
}

/** The last moment of the Danish day. */
function knownAt(values: Values): string | undefined {
  const day = dayOption(values['known-on'], 'known-on')
  if (day === undefined) return undefined
  return new Date(Date.parse(danishInstant(addDays(day, 1), '00:00')) - 1).toISOString()
}

async function enter({ line, act, ...asked }: Asked, path: string): Promise<number> {
  if (!existsSync(path)) throw new Refusal('no_file', `There is no file ${path}.`)
  const bytes = readFileSync(path)
  const read = readJson(bytes.toString('utf8'))
  if (read.fault !== undefined) throw new Refusal(read.fault.code, `${path}: ${read.fault.detail}`)
  const sha256 = createHash('sha256').update(bytes).digest()
  return tell(asked, [await enterLawChange(line, readLaw(read.value), sha256, act)])
}

async function tryIt({ line, act, ...asked }: Asked, changeNo: number): Promise<number> {
  const { world, values, opened } = asked
  const municipalities = municipalitiesOf(values.municipality, opened.rates)
  const since = dayOption(values.since, 'since') ?? (0 as Day)
  const show = reporter(world, values.json === true)
  show.stage('genberegning', await itemsToTry(line, municipalities, since))
  const onDone = (items: number) => show.done(items)
  const { law, found } = await tryLawChange(line, changeNo, { municipalities, since, onDone, ...act })
  show.end()
  if (values.json !== true) world.out(`${whatIfText(found, opened.rates)}\n${effectText(law, found)}\n`)
  return tell(asked, [law], found)
}

async function approve({ line, act, ...asked }: Asked, changeNo: number): Promise<number> {
  const [items, net] = [Number(asked.values.items ?? 'x'), Number(asked.values.net ?? 'x')]
  if (!Number.isSafeInteger(items) || !Number.isSafeInteger(net))
    throw lacks('Say the figures that toek law test showed: --items N --net=ORE, whole numbers.', HELP)
  return tell(asked, [await approveLawChange(line, changeNo, { ...act, items, net })])
}

/** What becomes of it, and when. */
function effectText({ effectiveFrom, approval }: LawChange, { totals }: WhatIf): string {
  const lines = [
    `Fra ${effectiveFrom} gælder ændringen for alt, der beregnes efter godkendelsen.`,
    approval === undefined ? 'Indtil en anden person har godkendt den, ændres intet.' : 'Den er godkendt.',
  ]
  if (totals.items === 0) lines.push('Intet, der er beregnet, ville være anderledes.')
  else lines.push('Det, der er beregnet, står som betalt:')
  const say = (ore: number, text: string) => ore !== 0 && lines.push(`- ${formatKroner(ore)} kr. ${text}`)
  say(totals.overpaid_ore, 'ville være for meget udbetalt. Det ændres ikke af sig selv; et krav kræver en afgørelse.')
  say(totals.underpaid_ore, 'ville være for lidt udbetalt. Det ændres ikke af sig selv.')
  const contributed = totals.employer_atp_ore + totals.pension_ore
  say(contributed, 'i kommunens ATP og pension rettes for hver afgørelse, når den sendes igen med et højere beløb.')
  say(totals.recoded_ore, 'brutto omkonteres og indberettes igen uden penge, når ændringen anvendes: toek law apply.')
  if (totals.redated > 0) lines.push(`- ${totals.redated} poster er betalt på en dag, der ville være lukket.`)
  return `${lines.join('\n')}\n`
}

/** One municipality after the other: what was done of a run that was killed is not done again. */
async function apply({ world, line, values, opened, act }: Asked): Promise<number> {
  const municipalities = municipalitiesOf(values.municipality, opened.rates)
  const show = reporter(world, values.json === true)
  show.stage('lovændring', municipalities.length)
  const done: (Applied & { readonly municipality: string })[] = []
  for (const [i, municipality] of municipalities.entries()) {
    const applied = await applyLaws(line, municipality, act)
    if (applied.orders + applied.waiting > 0) done.push({ municipality: municipalityText(municipality), ...applied })
    show.done(i + 1)
  }
  show.end()
  if (values.json === true) world.out(`${JSON.stringify({ applied: done })}\n`)
  else world.out(appliedText(done))
  return done.some((one) => one.waiting > 0) ? EXIT.partly : EXIT.done
}

function appliedText(done: readonly (Applied & { readonly municipality: string })[]): string {
  if (done.length === 0) return 'Intet skal flyttes: alt står, som de godkendte lovændringer siger.\n'
  const row = ({ municipality, orders, items, gross, waiting }: (typeof done)[number]) =>
    `${municipality}  ${orders} afgørelser, ${items} poster, brutto ${formatKroner(gross)} kr.${
      waiting === 0 ? '' : `; ${waiting} venter: en betaling er ikke fremme. Gentag senere`
    }\n`
  return `${done.map(row).join('')}Næste kørsel (toek run) omkonterer og indberetter dem igen. Der flyttes ingen penge.\n`
}

function tell({ world, values }: Pick<Asked, 'world' | 'values'>, laws: readonly LawChange[], found?: object): number {
  if (values.json === true) world.out(`${JSON.stringify({ laws: laws.map(asJson), ...found })}\n`)
  else world.out(laws.length === 0 ? 'Ingen lovændringer er indtastet.\n' : laws.map(asText).join('\n'))
  return laws.every((law) => law.approval !== undefined) ? EXIT.done : EXIT.person
}

function asJson({ changeNo, name, legalSource, effectiveFrom, changes, at, by, test, approval }: LawChange) {
  return {
    change: changeNo,
    name,
    legal_source: legalSource,
    effective_from: effectiveFrom,
    changes,
    entered: { at: iso(at), by },
    tested: test && {
      at: iso(test.at),
      by: test.by,
      municipalities: test.municipalities.map(municipalityText),
      since: formatDay(test.since),
      items: test.items,
      changed_items: test.changedItems,
      net_ore: test.net,
      totals: test.totals,
      by_benefit: test.byBenefit,
    },
    approved: approval && { number: approval.approvalNo, at: iso(approval.at), by: approval.by },
  }
}

/** The database's own text of a time, as ISO. */
function iso(at: string): string {
  return new Date(at).toISOString()
}

function danishDate(at: string): string {
  return formatDay(danishDay(at))
}

function asText(law: LawChange): string {
  const { changeNo, name, legalSource, effectiveFrom, test, approval } = law
  const lines = [
    `${changeNo}  ${name}, fra ${effectiveFrom}`,
    `   ${legalSource}; ${law.changes.length} ændringer, indtastet ${danishDate(law.at)} af ${law.by}`,
  ]
  if (test === undefined) lines.push(`   ikke prøvet: toek law test ${changeNo} --municipality all`)
  else {
    const where = test.municipalities.length === 1 ? municipalityText(test.municipalities[0] ?? 0) : undefined
    const over = where ?? `${test.municipalities.length} kommuner`
    const moved = test.totals['recoded_ore'] ?? 0
    const recoded = moved === 0 ? '' : `, omkonteres ${formatKroner(moved)} kr.`
    const items = `${test.changedItems} af ${test.items} poster ændres, netto ${formatKroner(test.net)} kr.${recoded}`
    lines.push(`   prøvet ${danishDate(test.at)} af ${test.by} på ${over}: ${items}`)
  }
  if (approval !== undefined) lines.push(`   godkendt ${danishDate(approval.at)} af ${approval.by}`)
  else if (test !== undefined)
    lines.push(`   Godkend: toek law approve ${changeNo} --items ${test.changedItems} --net=${test.net}`)
  return `${lines.join('\n')}\n`
}

async function rates({ world, connection, opened, values }: Asked): Promise<number> {
  const day = dayOption(values.on, 'on')
  if (day === undefined) throw lacks('Say on which day: --on 2026-03-31.', HELP)
  const known = await withApprovedLaws(connection.db, opened.rates, knownAt(values))
  const rows = ratesOn(known, day)
  if (values.json === true) world.out(`${JSON.stringify({ on: formatDay(day), laws: known.laws, rates: rows })}\n`)
  else for (const row of rows) world.out(rateText(row))
  return EXIT.done
}

const RATE_NAMES: Readonly<Record<string, string>> = {
  am_bidrag: 'AM-bidrag',
  tax_without_card: 'A-skat uden skattekort',
  obligatory_pension: 'Obligatorisk pension',
  'atp monthly': 'ATP pr. måned, egen + kommunens',
  'atp hourly': 'ATP pr. time, egen + kommunens',
}

function rateName(what: string): string {
  return RATE_NAMES[what] ?? what.replace('tax_method', 'Skattemetode')
}

function rateText({ what, value, source, assumed }: ReturnType<typeof ratesOn>[number]): string {
  const sure = assumed ? ` (${EXPLAIN_PAGE.assumed})` : ''
  return `${rateName(what).padEnd(34)}${(TAX_METHOD[value] ?? value).padEnd(40)}${putSource(source)}${sure}\n`
}

function ratesOn(known: RateReader, day: Day) {
  const percent = (millionths: number) => `${String(millionths / 10_000).replace('.', ',')} %`
  const rows = (['am_bidrag', 'tax_without_card', 'obligatory_pension'] as const).map((name) => {
    const { rate, source, assumed } = known.rate(name, day)
    return { what: name as string, value: percent(rate), source, assumed }
  })
  for (const rule of ['monthly', 'hourly'] as const) {
    const { own, employer, minimumBenefit, source, assumed } = known.atpRate(rule, day)
    const value = `${formatKroner(own)} + ${formatKroner(employer)}, fra ${formatKroner(minimumBenefit)} kr.`
    rows.push({ what: `atp ${rule}`, value, source, assumed })
  }
  for (const { code } of known.book.municipalities) {
    const change = known.taxMethodChange(code, day)
    if (change === undefined) continue
    const { method: value, source, assumed } = change
    rows.push({ what: `tax_method ${municipalityText(code)}`, value, source, assumed })
  }
  return rows
}
