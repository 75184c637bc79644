/** `toek stop`: a payment is stopped, wherever it is; what has left is asked back. @da standsning af betaling */
import { connect } from '../../base/db.ts'
import { Refusal } from '../../base/refusal.ts'
import { RECALL_CODES, type RecallCode } from '../../modules/payments/index.ts'
import { actOnPayments, paymentNamed } from '../line/act-on-payments.ts'
import { sendRecalls, stopPayment } from '../line/stop-payment.ts'
import { stoppedText } from '../web/index.ts'
import { flag, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, foldersOf, openDatabase, whoAmI } from './world.ts'

const HELP = `toek stop PAYMENT: stop a payment (0751R3N17), wherever it is

  --reason TEXT              why; always needed
  --code CODE                of what has left, for the rail: ${RECALL_CODES.join(', ')}; default CUST (the payer asks)
  --by NAME                  who; default the account that runs the program
  --json

Before release it leaves its run, and the rest goes. Sent and not carried out, NemKonto is asked to stop it; by a bank it
is recalled, also when it is booked. Nothing moves before they answer: what they stop is a returned payment. After
that it is too late, and what can be done is said. Asked again it does nothing.
Exit: 0 held or asked, 4 too late or refused.
`

export const stopVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values, positionals } = optionsOf(args, { reason: text, code: text, by: text, json: flag })
    const code = values.code as RecallCode | undefined
    if (positionals[0] === undefined || values.reason === undefined) throw new Refusal('usage', HELP)
    if (code !== undefined && !RECALL_CODES.includes(code)) throw new Refusal('usage', HELP)
    const { municipality, payment } = paymentNamed(positionals[0])
    const opened = await openDatabase(world, () => undefined)
    const connection = await connect(opened.url, 'loader', whoAmI(world, 'stop'))
    try {
      const at = `${new Date(world.now()).toISOString().slice(0, 19)}+00:00`
      const { out, in: incoming } = foldersOf(world)
      const line = { connection, rates: opened.rates, folders: { out, in: incoming }, at: () => undefined }
      const act = { municipality, payment, reason: values.reason, code, at, by: values.by ?? world.user }
      const stopped = await actOnPayments(line, municipality, at, (tx) => stopPayment(tx, act))
      const files = await sendRecalls(line, municipality)
      const name = positionals[0]
      world.out(
        values.json === true
          ? `${JSON.stringify({ payment: name, ...stopped, files })}\n`
          : `${name}: ${stoppedText(stopped)}\n`,
      )
      return stopped.state === 'too_late' ? EXIT.refused : EXIT.done
    } finally {
      await connection.close()
      await opened.close()
    }
  },
}
