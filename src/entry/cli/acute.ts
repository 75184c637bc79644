/** `toek acute`: pays an order without waiting for an ordinary run. @da akut udbetaling */
import { formatDay, monthOf } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { formatKroner } from '../../base/money.ts'
import { publishEvents } from '../../modules/events/index.ts'
import { SOURCE_SYSTEMS, type SourceSystem } from '../../modules/orders/index.ts'
import { fileIdOf } from '../../modules/payments/index.ts'
import { acuteRunJson } from '../acute-json.ts'
import { type AcuteRun, acuteRuns, payAcutely, payWanted } from '../line/acute.ts'
import { actOnPayments, notPassed } from '../line/act-on-payments.ts'
import { monthClock } from '../line/clock.ts'
import type { Line } from '../line/line.ts'
import { payRuns } from '../line/pay-run.ts'
import { dayOption, flag, lacks, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, lineFor, municipalityOf, withDatabase } from './world.ts'

const HELP = `toek acute SOURCE ORDER_KEY: pay one order now, in a run of its own (akut udbetaling)
toek acute wanted: pay what source systems want at once (settle: at_once) and no ordinary run would reach
toek acute send: release and send the runs of both that are approved

  --municipality 0751
  --reason TEXT              of one order: why; always needed
  --on YYYY-MM-DD            of one order: not before this day; default the same bank day where the rail can, else
                             the next
  --by NAME                  who asks; default the account that runs the program
  --json

What is not calculated is calculated now; what lies in a run that is not released leaves it. The run takes two persons
who approve it (toek approve), neither who asks; what a source system wants takes one. A second time is refused.
Exit: 0 sent, or nothing to send; 3 the run waits for its approvers; 4 refused.
`

export const acuteVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values, positionals } = optionsOf(args, {
      municipality: text,
      reason: text,
      on: text,
      by: text,
      json: flag,
    })
    const [what, orderKey] = positionals
    const source = SOURCE_SYSTEMS.find((one) => one === what)
    const one = source !== undefined && orderKey !== undefined && values.reason !== undefined
    if (!one && !((what === 'wanted' || what === 'send') && orderKey === undefined)) {
      const ofOne = source === undefined ? '' : ' and why: --reason'
      throw lacks(`Say wanted, send, or one of ${SOURCE_SYSTEMS.join(', ')} with the key of an order${ofOne}.`, HELP)
    }
    return await withDatabase(world, 'loader', 'acute', async (opened, connection) => {
      const municipality = municipalityOf(values.municipality, opened.rates)
      const line = lineFor(world, opened, connection)
      const at = `${new Date(world.now()).toISOString().slice(0, 19)}+00:00`
      const by = values.by ?? world.user
      if (what === 'send') {
        const sent = await sendAcute(line, municipality, by)
        world.out(values.json === true ? `${JSON.stringify({ sent })}\n` : `Sendt: ${sent.join(', ') || 'intet'}\n`)
        return EXIT.done
      }
      const on = dayOption(values.on, 'on')
      notPassed(opened.mode, on, at)
      const act = { municipality, by, at }
      const made = await actOnPayments(line, municipality, at, (tx) =>
        one
          ? payAcutely(tx, line.rates, {
              ...act,
              source: source as SourceSystem,
              orderKey,
              reason: values.reason ?? '',
              on,
            })
          : payWanted(tx, line.rates, act),
      )
      await connection.transaction([municipality], (tx) => publishEvents(tx, [municipality]))
      world.out(values.json === true ? `${JSON.stringify({ runs: made.map(acuteRunJson) })}\n` : textOf(made))
      return made.length === 0 ? EXIT.done : EXIT.person
    })
  },
}

/** Releases and sends what is approved; gives the runs. What is killed is done by the next one. */
async function sendAcute(line: Line, municipality: Municipality, by: string): Promise<string[]> {
  const sent: string[] = []
  const runs = await line.connection.transaction([municipality], (tx) => acuteRuns(tx, municipality))
  for (const run of runs.filter((one) => one.steps.includes('approved'))) {
    const clock = monthClock(monthOf(run.dispositionDate))
    const numbers = await payRuns(line, municipality, [run], clock, { planner: by, approver: undefined })
    sent.push(...numbers.map((runNo) => fileIdOf(municipality, runNo)))
  }
  return sent
}

function textOf(made: readonly AcuteRun[]): string {
  if (made.length === 0) return 'Der er intet, et fagsystem vil have udbetalt straks.\n'
  const lines = made.map(
    ({ run, payments, amount, payOn }) =>
      `Kørsel ${run}: ${payments === 1 ? '1 betaling' : `${payments} betalinger`}, ${formatKroner(amount)} kr. til udbetaling ${formatDay(payOn)}.`,
  )
  return `${lines.join('\n')}\nSe og godkend den med «toek approve --run …»; send den så med «toek acute send».\n`
}
