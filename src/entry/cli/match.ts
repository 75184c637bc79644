/** `toek match`: a person says what a bank line is that names nothing of ours. @da håndmatch */
import type { Connection } from '../../base/db.ts'
import { formatDay, formatMonth } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { formatKroner, type Ore } from '../../base/money.ts'
import { notOurLines, notOurs, type OpenLine, openLines } from '../../modules/payments/index.ts'
import { matchLine } from '../line/match-line.ts'
import { flag, lacks, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, lineFor, municipalitiesOf, municipalityOf, withDatabase } from './world.ts'

const HELP = `toek match: bank lines that nothing matched (uafklarede banklinjer), and what they could be by amount and date

  toek match                     the lines, each with what it could be; of a shared account those that could be ours
  toek match --not-ours          what others move on shared accounts (ikke TØK): count and sums by month, and the newest lines
  toek match BANK_REF --to ID    the line settles a bundle (0751R12U7511) or a payment (0751R12N3), or is its
                                 return; or it is what was paid elsewhere ('outside 3')

  --municipality 0751[,0101…]|all      with a line: one
  --account ACCOUNT          when the bank's reference stands on several accounts
  --reason TEXT              why it is that; always needed
  --by NAME                  who says so; default the account that runs the program
  --json

The amount must be that of the payments: a line of another amount is for the bank to explain.
Exit: 0 matched, or no line waits; 3 lines wait; 4 refused.
`

/** Lines that are listed. */
const LISTED = 1_000

export const matchVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const options = {
      municipality: text,
      to: text,
      account: text,
      reason: text,
      by: text,
      'not-ours': flag,
      json: flag,
    }
    const { values, positionals } = optionsOf(args, options)
    const [bankRef] = positionals
    if ((bankRef === undefined) !== (values.to === undefined))
      throw lacks('Say both which bank line and what it is: toek match BANK_REF --to ID.', HELP)
    const json = values.json === true
    return await withDatabase(world, 'loader', 'match', async (opened, connection) => {
      const municipalities = municipalitiesOf(values.municipality, opened.rates)
      if (bankRef !== undefined && values.to !== undefined) {
        const municipality = municipalityOf(values.municipality, opened.rates)
        const line = lineFor(world, opened, connection)
        const found = await matchLine(line, municipality, {
          account: values.account ?? '',
          bankRef,
          to: values.to,
          by: values.by ?? world.user,
          at: new Date(world.now()).toISOString(),
          reason: values.reason ?? '',
        })
        const told = { bank_ref: bankRef, to: values.to, match: found }
        const said = { settled: 'er betalt', returned: 'er kommet retur', outside: 'er betalt udenom' }[found]
        world.out(json ? `${JSON.stringify(told)}\n` : `${values.to} ${said} med banklinjen ${bankRef}.\n`)
        return EXIT.done
      }
      if (values['not-ours'] === true) {
        const others = await othersOf(connection, municipalities)
        world.out(json ? `${JSON.stringify(others)}\n` : othersText(others))
        return EXIT.done
      }
      const rows: Shown[] = []
      for (const municipality of municipalities) {
        const lines = await connection.transaction([municipality], (tx) => openLines(tx, municipality, LISTED))
        for (const one of lines) rows.push(shownOf(municipality, one))
      }
      world.out(json ? `${JSON.stringify({ lines: rows })}\n` : asText(rows))
      return rows.length === 0 ? EXIT.done : EXIT.person
    })
  },
}

interface Others {
  readonly months: {
    municipality: string
    account: string
    month: string
    entries: number
    out_ore: number
    in_ore: number
  }[]
  readonly lines: Shown[]
}

async function othersOf(connection: Connection, municipalities: readonly Municipality[]): Promise<Others> {
  const others: Others = { months: [], lines: [] }
  for (const code of municipalities) {
    await connection.transaction([code], async (tx) => {
      for (const { account, month, entries, out, in: into } of await notOurs(tx, code)) {
        const sums = { entries, out_ore: out, in_ore: into }
        others.months.push({ municipality: municipalityText(code), account, month: formatMonth(month), ...sums })
      }
      for (const one of await notOurLines(tx, code, LISTED)) others.lines.push(shownOf(code, one))
    })
  }
  return others
}

function othersText({ months, lines }: Others): string {
  if (months.length === 0) return 'Intet på kontiene er andres.\n'
  const sums = months.map((one) => {
    const [out, into] = [formatKroner(one.out_ore as Ore), formatKroner(one.in_ore as Ore)]
    return `${one.municipality} ${one.month} ${one.account}: ${one.entries} bevægelser, ${out} kr. ud, ${into} kr. ind`
  })
  const each = lines.map(
    (row) => `${row.municipality} ${row.date} ${row.account} ${row.bank_ref}: ${formatKroner(row.amount_ore)} kr.`,
  )
  return `${[...sums, '', ...each].join('\n')}\n`
}

function shownOf(municipality: number, line: OpenLine) {
  return {
    municipality: municipalityText(municipality),
    account: line.account,
    bank_ref: line.bankRef,
    amount_ore: line.amount,
    date: formatDay(line.bookingDate),
    named: line.named,
    shared_account: line.match === 'not_ours',
    candidates: line.candidates,
  }
}

type Shown = ReturnType<typeof shownOf>

function asText(rows: readonly Shown[]): string {
  if (rows.length === 0) return 'Ingen uafklarede banklinjer.\n'
  const lines = rows.map((row) => {
    const could = row.candidates.length === 0 ? 'intet af vores har det beløb' : `kan være ${row.candidates.join(', ')}`
    const named = row.named === '' ? '' : ` «${row.named}»`
    return `${row.municipality} ${row.date} ${row.account} ${row.bank_ref}${named}: ${formatKroner(row.amount_ore)} kr.; ${could}`
  })
  return `${[...lines, '', `${rows.length} banklinjer.`].join('\n')}\n`
}
