/** `toek stop`: a payment is stopped, wherever it is; what has left is asked back. @da standsning af betaling */
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { bundleOfId, fileOfId, RECALL_CODES, type RecallCode } from '../../modules/payments/index.ts'
import { actOnPayments, paymentNamed } from '../line/act-on-payments.ts'
import { MOST_STOPS, sendRecalls, stopPayment, stopRun } from '../line/stop-payment.ts'
import { stoppedRunJson } from '../stopped-json.ts'
import { stoppedText } from '../text/index.ts'
import { flag, lacks, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, lineFor, withDatabase } from './world.ts'

const HELP = `toek stop PAYMENT: stop a payment (0751R3N17), wherever it is

  toek stop --run 0751R3     every payment of a run, in one act; or of one of its bundles (0751R3U7511)

  --reason TEXT              why; always needed
  --code CODE                of what has left, for the rail: ${RECALL_CODES.join(', ')}; default CUST (the payer asks)
  --by NAME                  who; default the account that runs the program
  --json

Before release it leaves its run, and the rest goes. Sent and not carried out, NemKonto is asked to stop it; by a bank it
is recalled, also when it is booked. Nothing moves before they answer: what they stop is a returned payment. After
that it is too late, and what can be done is said. Asked again it does nothing. A bank is asked for a whole run in one
file, NemKonto payment by payment, of at most ${MOST_STOPS}. What is too late of a run is said payment by payment.
Exit: 0 all held or asked, 4 too late (of a run: any of it) or refused.
`

export const stopVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values, positionals } = optionsOf(args, { reason: text, code: text, by: text, run: text, json: flag })
    const code = values.code as RecallCode | undefined
    const [name] = positionals
    if ((name === undefined) === (values.run === undefined))
      throw lacks('Say either a payment, such as 0751R3N17, or a run: --run 0751R3.', HELP)
    const { reason } = values
    if (reason === undefined) throw lacks('Say why: --reason TEXT.', HELP)
    if (code !== undefined && !RECALL_CODES.includes(code))
      throw lacks(`--code is one of ${RECALL_CODES.join(', ')}, not ${code}.`, HELP)
    const run = values.run === undefined ? undefined : runNamed(values.run)
    const payment = name === undefined ? undefined : paymentNamed(name)
    const { municipality } = (run ?? payment) as { municipality: Municipality }
    return await withDatabase(world, 'loader', 'stop', async (opened, connection) => {
      const at = `${new Date(world.now()).toISOString().slice(0, 19)}+00:00`
      const line = lineFor(world, opened, connection)
      const act = { municipality, reason, code, at, by: values.by ?? world.user }
      const acting = <T>(work: (tx: Tx) => Promise<T>) => actOnPayments(line, municipality, at, work)
      if (run !== undefined) {
        const stopped = await acting((tx) => stopRun(tx, { ...act, runNo: run.runNo, unit: run.unit }))
        const files = await sendRecalls(line, municipality)
        const told = stoppedRunJson(municipality, stopped)
        world.out(values.json === true ? `${JSON.stringify({ run: values.run, ...told, files })}\n` : runText(told))
        return told.too_late > 0 ? EXIT.refused : EXIT.done
      }
      const stopped = await acting((tx) =>
        stopPayment(tx, { ...act, payment: (payment as { payment: number }).payment }),
      )
      const files = await sendRecalls(line, municipality)
      world.out(
        values.json === true
          ? `${JSON.stringify({ payment: name, ...stopped, files })}\n`
          : `${name}: ${stoppedText(stopped)}\n`,
      )
      return stopped.state === 'too_late' ? EXIT.refused : EXIT.done
    })
  },
}

function runNamed(name: string): { municipality: Municipality; runNo: number; unit?: number } {
  const found = bundleOfId(name) ?? fileOfId(name)
  if (found === undefined) throw new Refusal('unknown_run', `${name} is no name of a run; one is 0751R3.`)
  return found
}

/** What became of the run, and each payment that it was too late for. */
function runText({ held, asked, asked_before: before, payments }: ReturnType<typeof stoppedRunJson>): string {
  const late = payments.filter((one) => one.state === 'too_late')
  const all = `${held} taget ud af kørslen, ${asked} bedt standset, ${before} bedt standset før, ${late.length} for sent.`
  return [all, ...late.map((one) => `${one.payment}: ${one.text}`), ''].join('\n')
}
