/** `toek check-told`: what was told of a month, line by line beside what was calculated. @da kontrol af indberetning */
import { danishText, isAfter } from '../../base/danish-time.ts'
import { formatMonth } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { findWork } from '../../modules/overview/index.ts'
import { lackingLines, recordCheck, summaryOf, sumOf, type ToldCheck, type ToldGap } from '../line/check-told.ts'
import { partyJson } from '../web/index.ts'
import { counted, countText, kroner, RECEIVER, stateRefundText, toldField } from '../text/index.ts'
import { benefitNames } from './benefit-names.ts'
import { flag, monthOption, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, foldersOf, municipalitiesOf, withDatabase } from './world.ts'

const HELP = `toek check-told: what eIndkomst and Ydelsesrefusion were told of a month, line by line beside what was calculated

  --month 2026-03            the month whose deliveries are looked at
  --municipality 0751[,0101…]|all
  --by NAME                  who looks; default the account that runs the program
  --json

The files in out/ are read as they lie there. A line is a person and a month; of Ydelsesrefusion a person and a benefit.
What lacks is work until a later check finds it whole or somebody closes it (toek work). A run asks so by itself when
the sums of a report differ from the ledger's. Exit: 0 all is told, 1 something lacks, or a file is missing or changed.
`

/** Of each municipality, that are listed; all are counted. */
const MOST_LISTED = 1_000

export const checkToldVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values } = optionsOf(args, { month: text, municipality: text, by: text, json: flag }, false)
    const month = monthOption(values.month, HELP)
    return await withDatabase(world, 'loader', 'check-told', async (opened, connection) => {
      const act = { at: new Date(world.now()).toISOString(), by: values.by ?? world.user }
      const told = { rates: opened.rates, folders: foldersOf(world) }
      const shown: Shown[] = []
      for (const municipality of municipalitiesOf(values.municipality, opened.rates)) {
        const check = await connection.inTurn(municipality, async (tx) => {
          const made = await recordCheck(tx, told, municipality, month, act)
          const detail = { lines: sumOf(made.lines), lacking: sumOf(lackingLines(made)) }
          const subject = formatMonth(month.from)
          await recordAudit(tx, { municipality, at: act.at, actor: act.by, command: 'told.check', subject, detail })
          await findWork(tx, [municipality], act.at)
          return made
        })
        shown.push(shownOf(check, act.at))
      }
      world.out(
        values.json === true
          ? `${JSON.stringify({ month: values.month, municipalities: shown })}\n`
          : asText(shown, benefitNames(opened.rates)),
      )
      return shown.every((one) => one.whole) ? EXIT.done : EXIT.wrong
    })
  },
}

function shownOf(check: ToldCheck, at: string) {
  const { municipality, gaps, lines, untold, unread, deadline } = check
  const { refund_ore, refund_unknown } = summaryOf(check)
  return {
    municipality: municipalityText(municipality),
    whole: gaps.length === 0 && unread.length === 0 && untold === 0,
    lines,
    lacking: lackingLines(check),
    refund_ore: refund_unknown === 0 || refund_ore !== 0 ? refund_ore : null,
    refund_unknown,
    refund_assumed: true,
    deadline,
    deadline_passed: isAfter(at, deadline),
    untold_batches: untold,
    unread,
    gaps: gaps.slice(0, MOST_LISTED).map((gap) => gapJson(municipality, gap)),
    not_listed: Math.max(0, gaps.length - MOST_LISTED),
  }
}

type Shown = ReturnType<typeof shownOf>

function gapJson(municipality: number, gap: ToldGap) {
  const { receiver, person, month, benefit, field, told, due, refund, orders } = gap
  return {
    receiver,
    person: partyJson(person),
    month,
    benefit,
    field,
    told_ore: told,
    due_ore: due,
    refund_ore: refund,
    explain: orders.map((order) => explainOf(municipality, order)),
  }
}

/** `KY KY-1`: source and key. Keys of our own have a blank. */
function explainOf(municipality: number, order: string): string {
  const [source = '', key = ''] = [order.slice(0, order.indexOf(' ')), order.slice(order.indexOf(' ') + 1)]
  return `toek explain ${source} ${key.includes(' ') ? `'${key}'` : key} --municipality ${municipalityText(municipality)}`
}

function asText(shown: readonly Shown[], nameOf: (benefit: string) => string): string {
  return shown
    .flatMap((one) => rowsOf(one, nameOf))
    .map((row) => `${row}\n`)
    .join('')
}

function rowsOf(one: Shown, nameOf: (benefit: string) => string): string[] {
  const at = one.municipality
  const rows = one.gaps.flatMap((gap) => [
    `${at} ${gapText(gap, nameOf)}`,
    ...gap.explain.map((command) => `  ${command}`),
  ])
  if (one.not_listed > 0) rows.push(`… og ${countText(one.not_listed)} til`)
  for (const { file, why } of one.unread) {
    const missing = 'ligger ikke i out/ og er ikke sammenlignet'
    rows.push(`${at} ${file} ${why === 'missing' ? missing : 'er ændret, siden den blev skrevet'}`)
  }
  if (one.untold_batches > 0)
    rows.push(`${at} ${counted(one.untold_batches, 'beregning', 'beregninger')} er ikke fortalt endnu`)
  const count = (receiver: ToldGap['receiver']) =>
    `${countText(one.lacking[receiver])} af ${counted(one.lines[receiver], 'linje', 'linjer')} i ${RECEIVER[receiver]}`
  const cost =
    one.gaps.length === 0 ? '' : `; statsrefusion ${stateRefundText(one.refund_ore ?? 0, one.refund_unknown)}`
  const by = `${danishText(one.deadline)}${one.deadline_passed ? ', passeret' : ''}`
  return [
    ...rows,
    `${at} I alt mangler noget på ${count('eindkomst')} og ${count('ydelsesrefusion')}${cost}; frist for eIndkomst ${by}`,
  ]
}

function gapText(gap: Shown['gaps'][number], nameOf: (benefit: string) => string): string {
  const of = [gap.month, gap.benefit && nameOf(gap.benefit)].filter((part) => part !== null).join(' ')
  const refund = gap.refund_ore === null ? 'ukendt' : kroner(gap.refund_ore)
  const amounts = `fortalt ${kroner(gap.told_ore)}, skulle være ${kroner(gap.due_ore)}; statsrefusion ${refund}`
  return `${RECEIVER[gap.receiver]} ${gap.person.type.toUpperCase()} ${gap.person.id} ${of} ${toldField(gap.field)}: ${amounts}`
}
