/** `toek hold` and its release: an order waits for a person, with a reason. */
import { Refusal } from '../../base/refusal.ts'
import { recordAudit } from '../../modules/access/index.ts'
import {
  holdOrder,
  lockMunicipality,
  SOURCE_SYSTEM_ID,
  SOURCE_SYSTEMS,
  type SourceSystem,
} from '../../modules/orders/index.ts'
import { letGo } from '../line/let-go.ts'
import { holdPaymentByHand } from './hold-payment.ts'
import { dayOption, flag, lacks, optionsOf, text } from './options.ts'
import { DONE } from '../text/index.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalityOf, withDatabase } from './world.ts'

const HELP = `toek hold SOURCE ORDER_KEY: hold an order, or release it
toek hold PAYMENT: hold a payment of a run that is not released (0751R3N17), or release it; the rest of the run goes

  --municipality 0751        of an order
  --reason TEXT              why; always needed
  --release                  release instead of hold; also what was stopped and goes on to a third party
  --until YYYY-MM-DD         of a payment: released by itself, to be paid on this day; default until somebody does
  --on YYYY-MM-DD            of a payment that is released: not before this day; default two bank days from now
  --owner NAME               of a payment: who must see to it; default who holds it
  --by NAME                  who; default the demo user godkender
  --json

Exit: 0 done, 4 refused: of a payment that has left, with what can be done.
`

export const holdVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values, positionals } = optionsOf(args, {
      municipality: text,
      reason: text,
      by: text,
      until: text,
      on: text,
      owner: text,
      release: flag,
      json: flag,
    })
    const [source, key] = positionals
    const { reason } = values
    if (source !== undefined && key === undefined && reason !== undefined && /^\d{4}R\d+N\d+$/.test(source)) {
      return await holdPaymentByHand(world, {
        name: source,
        release: values.release === true,
        reason,
        owner: values.owner,
        until: dayOption(values.until, 'until'),
        on: dayOption(values.on, 'on'),
        by: values.by ?? 'godkender',
        json: values.json === true,
      })
    }
    const sourceId = SOURCE_SYSTEM_ID[source as SourceSystem]
    if (reason === undefined) throw lacks('Say why: --reason TEXT.', HELP)
    if (key === undefined || sourceId === undefined)
      throw lacks(
        `Say a payment, such as 0751R3N17, or one of ${SOURCE_SYSTEMS.join(', ')} and the key of an order.`,
        HELP,
      )
    return await withDatabase(world, 'writer', 'hold', async (opened, connection) => {
      const municipality = municipalityOf(values.municipality, opened.rates)
      const act = {
        municipality,
        reason,
        at: new Date(world.now()).toISOString(),
        by: values.by ?? 'godkender',
      }
      await connection.transaction([municipality], async (tx) => {
        await lockMunicipality(tx, municipality)
        const order = await tx.first<{ order_id: number }>(
          `select order_id from orders where municipality_code = $1 and source_system = $2 and order_key = $3
           order by version desc, again desc limit 1`,
          [municipality, sourceId, key],
        )
        if (order === undefined) throw new Refusal('unknown_order', `There is no order ${key} of ${source} here.`)
        if (values.release === true) await letGo(tx, opened.rates, { ...act, order: order.order_id })
        else await holdOrder(tx, { ...act, order: order.order_id })
        await recordAudit(tx, {
          municipality,
          at: act.at,
          actor: act.by,
          command: values.release === true ? 'order.release' : 'order.hold',
          subject: `${source} ${key}`,
          detail: { reason: act.reason },
        })
      })
      const done = values.release === true ? 'released' : 'held'
      world.out(
        values.json === true ? `${JSON.stringify({ order_key: key, state: done })}\n` : `${key} er ${DONE[done]}.\n`,
      )
      return EXIT.done
    })
  },
}
