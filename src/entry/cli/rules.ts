/** `toek rules`: what a municipality has decided for itself, and from when. @da lokal regel */
import type { Tx } from '../../base/db.ts'
import { formatDay } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { formatKroner } from '../../base/money.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { lockMunicipality, SOURCE_SYSTEMS } from '../../modules/orders/index.ts'
import {
  approveRules,
  type LocalRule,
  railRow,
  type RateReader,
  readLocalRules,
  type WaitingRule,
  waitingRules,
} from '../../modules/rates/index.ts'
import { GATE_CHECK_TEXT, TREATMENT_TEXT } from '../text/index.ts'
import { benefitNames } from './benefit-names.ts'
import { flag, lacks, numberOf, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, municipalityOf, withDatabase } from './world.ts'

const HELP = `toek rules: what municipalities have decided for themselves (lokale regler)

  toek rules                 the rules, and those that wait for a second person
  toek rules approve N       approve those of file N: they count from then on; never by who told them

  --municipality 0751[,0101…]|all      of approve: one
  --by NAME                  who approves; default the account that runs the program
  --json

Takeover dates, look-back limits, what a set-off leaves, small amounts, what findings of payment runs stop, who approves
payment runs, the rail of a paying unit, shared accounts, closing days, cut-offs and what is done about them, what happens
where there is no account, and what becomes of payments that nobody claims; the oldest first. Of rules of one kind the
most specific applies, then the latest. They are told in fact files: records takeover, look_back, set_off_minimum,
small_amount, gate, release, two_approvers_over, rail, shared_account, closing_day, cut_off, at_cut_off, escalation,
no_account and unclaimed. A takeover counts at once, the others when another person has approved them.
Exit: 0 done or nothing waits, 3 something waits for a second person, 4 refused.
`

export const rulesVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values, positionals } = optionsOf(args, { municipality: text, by: text, json: flag })
    const [verb, number] = positionals
    if (verb !== undefined && verb !== 'approve')
      throw lacks(`Say approve N, not ${verb}; or nothing, for the list.`, HELP)
    const file =
      verb === undefined ? undefined : numberOf(number, 'Say the number of the file, as the list has it.', HELP)
    return await withDatabase(world, 'writer', 'rules', async (opened, connection) => {
      const municipalities = municipalitiesOf(values.municipality, opened.rates)
      if (file !== undefined) {
        const municipality = municipalityOf(values.municipality, opened.rates)
        const act = { at: new Date(world.now()).toISOString(), by: values.by ?? world.user }
        await connection.transaction([municipality], (tx) => approve(tx, municipality, file, act))
      }
      const rows: Shown[] = []
      for (const municipality of municipalities) {
        const [{ rules }, waiting] = await connection.transaction([municipality], async (tx) => [
          await readLocalRules(tx, municipality),
          await waitingRules(tx, municipality),
        ])
        for (const rule of rules) rows.push(shownOf(municipality, rule, opened.rates))
        for (const rule of waiting) rows.push(shownOf(municipality, rule, opened.rates, rule))
      }
      world.out(
        values.json === true ? `${JSON.stringify({ rules: rows })}\n` : asText(rows, benefitNames(opened.rates)),
      )
      return verb === undefined && rows.some((row) => row.waits_as !== null) ? EXIT.person : EXIT.done
    })
  },
}

async function approve(
  tx: Tx,
  municipality: Municipality,
  file: number,
  act: { readonly at: string; readonly by: string },
): Promise<void> {
  await lockMunicipality(tx, municipality)
  const rules = await approveRules(tx, municipality, file, act)
  const detail = { rules: rules.length, kinds: [...new Set(rules.map(({ kind }) => kind))].join(' ') }
  await recordAudit(tx, {
    municipality,
    at: act.at,
    actor: act.by,
    command: 'rules.approve',
    subject: `file ${file}`,
    detail,
  })
}

function shownOf(municipality: number, rule: LocalRule, rates: RateReader, waiting?: WaitingRule) {
  const benefit = rates.book.benefits.find((one) => one.benefit === rule.benefit)?.key
  return {
    municipality: municipalityText(municipality),
    rule: rule.kind,
    source_system: SOURCE_SYSTEMS[rule.source - 1] ?? null,
    benefit: benefit ?? null,
    from: formatDay(rule.validFrom),
    amount_ore: hasAmount(rule) ? rule.amount : null,
    check: rule.check === '' ? null : rule.check,
    percent: rule.percent === 0 ? null : rule.percent,
    months: rule.kind === 'look_back' || rule.kind === 'unclaimed' ? rule.months : null,
    treatment: rule.treatment === '' ? null : rule.treatment,
    unit: rule.unit === '' ? null : rule.unit,
    rail: rule.rail === '' ? null : rule.rail,
    account: rule.account === '' ? null : rule.account,
    bank_days_before: rule.kind === 'cut_off' ? (rule.bankDays ?? 0) : null,
    time: rule.clock ? rule.clock : null,
    hours_before: rule.kind === 'escalation' || rule.hours ? (rule.hours ?? 0) : null,
    owner: rule.owner ? rule.owner : null,
    /** The number of the file to approve. */
    waits_as: waiting?.intakeNo ?? null,
    told_by: waiting?.toldBy ?? null,
  }
}

function hasAmount({ kind, amount }: LocalRule): boolean {
  if (kind === 'gate') return amount > 0
  return kind === 'set_off_minimum' || kind === 'small_amount' || kind === 'two_approvers_over'
}

type Shown = ReturnType<typeof shownOf>

const NAMES: Record<LocalRule['kind'], string> = {
  takeover: 'Overtaget',
  look_back: 'Reguleres tilbage',
  set_off_minimum: 'Modregning levner',
  small_amount: 'Bagatelgrænse',
  gate: 'Kontrolfund',
  release: 'Frigives',
  two_approvers_over: 'To personer over',
  rail: 'Betales ved',
  shared_account: 'Delt konto',
  closing_day: 'Lukkedag',
  cut_off: 'Skæringstidspunkt',
  at_cut_off: 'Ved skæring',
  escalation: 'Eskaleres',
  no_account: 'Uden konto',
  unclaimed: 'Uafhentet',
}

function asText(rows: readonly Shown[], nameOf: (benefit: string) => string): string {
  if (rows.length === 0) return 'Ingen lokale regler.\n'
  const lines = rows.map((row) => {
    const about = [row.source_system, row.benefit && nameOf(row.benefit), row.unit]
      .filter((one) => one !== null)
      .join(' ')
    const what = [
      row.check === null ? '' : GATE_CHECK_TEXT[row.check],
      row.months === null ? '' : `${row.months} måneder`,
      row.amount_ore === null ? '' : `${formatKroner(row.amount_ore)} kr.`,
      row.percent === null ? '' : `${row.percent} %`,
      row.treatment === null ? '' : (TREATMENT_TEXT[row.treatment] ?? ''),
      row.rail === null ? '' : railRow(row.rail).name,
      row.account ?? '',
      row.bank_days_before === null ? '' : `${row.bank_days_before} bankdage før kl. ${row.time ?? ''}`,
      row.hours_before === null ? '' : `${row.hours_before} timer før skæring`,
      row.owner === null ? '' : `til ${row.owner}`,
    ].filter((one) => one !== '')
    return `${row.municipality} ${NAMES[row.rule].padEnd(18)} ${about.padEnd(24)} fra ${row.from}  ${what.join(', ')}${waitsText(row)}`.trimEnd()
  })
  return `${lines.join('\n')}\n`
}

function waitsText({ waits_as: file, told_by: by }: Shown): string {
  return file === null ? '' : `  gælder ikke endnu: fil ${file} fra ${by} skal godkendes af en anden`
}
