/** `toek calendar`: the payment runs that a month is planned to have, with their cut-offs, and how far they are. */
import { danishText } from '../../base/danish-time.ts'
import { addDays, formatDay } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { readRunStates, type StatedRun } from '../../modules/overview/index.ts'
import { cutOffOf, fileIdOf, fileOfId, isCutOffAssumed, readRuns } from '../../modules/payments/index.ts'
import {
  type LocalRules,
  type PlannedRun,
  plannedRuns,
  railRow,
  type RateReader,
  readLocalRules,
} from '../../modules/rates/index.ts'
import { moveLate } from '../line/cut-off.ts'
import { EXPLAIN_PAGE, RUN_STATE } from '../text/index.ts'
import { flag, lacks, monthOption, optionsOf, text, timeOf } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, withDatabase, type World } from './world.ts'

const HELP = `toek calendar: the payment runs that a month is planned to have, and how far they are

  toek calendar --month YYYY-MM
  toek calendar move RUN     a run that did not reach its cut-off is paid on the first bank day that it can reach

  --municipality 0751[,0101…]|all
  --reason TEXT              of move: why
  --by NAME                  of move: who; default the account that runs the program
  --at TIME                  of move: what time it is, such as 2026-03-30T14:30; default now
  --json

By the calendars of the benefits, the rail of each paying unit and the municipality's closing days; with the time at
which the rail must have the file. What orders say decides when they come: a run that is in no calendar is listed too.
Dates marked *, and times marked «antaget», are assumed: nothing public says them.
What is moved leaves its run and is due again as it was; the next toek run assembles it, and it is approved anew.
Exit: 0 done, 4 refused.
`

export const calendarVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const options = { month: text, municipality: text, reason: text, by: text, at: text, json: flag }
    const { values, positionals } = optionsOf(args, options)
    if (positionals.length > 0) return await move(world, positionals, values)
    const month = monthOption(values.month, HELP)
    return await withDatabase(world, 'reader', 'calendar', async (opened, connection) => {
      const rows: Row[] = []
      for (const municipality of municipalitiesOf(values.municipality, opened.rates)) {
        const [rules, runs] = await connection.transaction([municipality], async (tx) => [
          await readLocalRules(tx, municipality),
          await readRunStates(tx, municipality, month),
        ])
        rows.push(
          ...rowsOf(municipality, plannedRuns(municipality, month, opened.rates, rules), runs, rules, opened.rates),
        )
      }
      world.out(values.json === true ? `${JSON.stringify({ runs: rows })}\n` : asText(rows))
      return EXIT.done
    })
  },
}

async function move(
  world: World,
  [verb, name = '']: readonly string[],
  values: { readonly reason?: string; readonly by?: string; readonly at?: string; readonly json?: boolean },
): Promise<number> {
  const named = fileOfId(name)
  const reason = values.reason?.trim() ?? ''
  if (verb !== 'move' || named === undefined || reason === '')
    throw lacks('Say which run is moved and why: toek calendar move 0751R3 --reason TEXT.', HELP)
  const { municipality, runNo } = named
  const now = `${new Date(world.now()).toISOString().slice(0, 19)}+00:00`
  const by = values.by ?? world.user
  return await withDatabase(world, 'loader', 'calendar', async (opened, connection) => {
    const day = await connection.inTurn(municipality, async (tx) => {
      const run = (await readRuns(tx, municipality)).find((one) => one.runNo === runNo)
      if (run === undefined) throw new Refusal('unknown_run', `There is no run ${name} here.`)
      const rules = await readLocalRules(tx, municipality)
      const moved = await moveLate(
        tx,
        run,
        { rates: opened.rates, rules },
        { at: timeOf(values.at) ?? now, by, reason },
      )
      const detail = { reason, to: formatDay(moved), payments: run.payments, amount_ore: run.amount }
      await recordAudit(tx, { municipality, at: now, actor: by, command: 'run.move', subject: name, detail })
      return formatDay(moved)
    })
    world.out(values.json === true ? `${JSON.stringify({ run: name, moved_to: day })}\n` : `${name} betales ${day}.\n`)
    return EXIT.done
  })
}

/** A run is of a date and a rail, and may hold what several calendars plan. */
export function rowsOf(
  municipality: Municipality,
  planned: readonly PlannedRun[],
  runs: readonly StatedRun[],
  rules: LocalRules,
  rates: RateReader,
) {
  const made = new Set<number>()
  const head = (run: Pick<StatedRun, 'rail' | 'dispositionDate' | 'purpose'>) => ({
    municipality: municipalityText(municipality),
    disposition_date: formatDay(run.dispositionDate),
    rail: run.rail,
    cut_off: cutOffOf(run, rules, new Set(rates.book.closingDays)),
    cut_off_assumed: isCutOffAssumed(run, rules),
  })
  const rows = planned.map((one) => {
    const own = runs.filter((run) => {
      return run.purpose === 'ordinary' && run.dispositionDate === one.dispositionDate && run.rail === one.rail
    })
    for (const run of own) made.add(run.runNo)
    return {
      ...head({ ...one, purpose: 'ordinary' }),
      unit: one.unitKind,
      calendar: one.nameDa,
      benefits: one.benefits,
      weeks: one.weeks === undefined ? null : `${formatDay(one.weeks.from)}/${formatDay(addDays(one.weeks.to, -1))}`,
      assumed: one.assumed,
      source: one.source,
      runs: own.map((run) => ({ run: fileIdOf(municipality, run.runNo), state: run.state })),
    }
  })
  const others = runs
    .filter((run) => !made.has(run.runNo))
    .map((run) => ({
      ...head(run),
      unit: null,
      calendar: null,
      benefits: [],
      weeks: null,
      assumed: false,
      source: null,
      runs: [{ run: fileIdOf(municipality, run.runNo), state: run.state }],
    }))
  return [...rows, ...others].sort((a, b) => a.disposition_date.localeCompare(b.disposition_date))
}

type Row = ReturnType<typeof rowsOf>[number]

/** As the terminal shows them. */
export function asText(rows: readonly Row[]): string {
  if (rows.length === 0) return 'Ingen planlagte kørsler.\n'
  const lines = rows.map((row) => {
    const runs = row.runs.map((one) => `${one.run} ${RUN_STATE[one.state]}`).join(', ')
    const until = `${danishText(row.cut_off)}${row.cut_off_assumed ? ` (${EXPLAIN_PAGE.assumed})` : ''}`
    const weeks = row.weeks === null ? '' : `, ${row.weeks.replace('/', ' til ')}`
    const what = row.calendar === null ? 'efter ordrernes egen dato' : `${row.unit}: ${row.calendar}${weeks}`
    return `${row.municipality} ${row.disposition_date}${row.assumed ? '*' : ' '} ${railRow(row.rail).name}, senest ${until}  ${what}  ${runs === '' ? RUN_STATE.planned : runs}`
  })
  return `${lines.join('\n')}\n`
}
