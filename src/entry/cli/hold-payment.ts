/** `toek hold 0751R3N17`: a payment of a run that is not released waits, while the rest goes. */
import type { Day } from '../../base/date.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { actOnPayments, notPassed, paymentNamed } from '../line/act-on-payments.ts'
import { holdPayment, type Left, letPaymentGo } from '../line/hold-payments.ts'
import { DONE, tooLateText } from '../text/index.ts'
import { EXIT, lineFor, withDatabase, type World } from './world.ts'

export interface Holding {
  readonly name: string
  readonly release: boolean
  readonly reason: string
  readonly owner: string | undefined
  readonly until: Day | undefined
  /** Released: not before this day. */
  readonly on: Day | undefined
  readonly by: string
  readonly json: boolean
}

export async function holdPaymentByHand(world: World, { name, release, json, ...how }: Holding): Promise<number> {
  const { municipality, payment } = paymentNamed(name)
  return await withDatabase(world, 'loader', 'hold', async (opened, connection) => {
    const at = new Date(world.now()).toISOString()
    const line = lineFor(world, opened, connection)
    notPassed(opened.mode, how.on, at)
    const act = { municipality, payment, at, ...how }
    const left = await actOnPayments(line, municipality, at, async (tx): Promise<Left | undefined> => {
      const where = release
        ? await letPaymentGo(tx, opened.rates, act).then(() => undefined)
        : await holdPayment(tx, act)
      if (where !== undefined) return where
      const command = release ? 'payment.release' : 'payment.hold'
      const detail = { reason: act.reason }
      await recordAudit(tx, { municipality, at, actor: act.by, command, subject: name, detail })
      return undefined
    })
    const state = left === undefined ? (release ? 'released' : 'held') : 'too_late'
    if (json) world.out(`${JSON.stringify({ payment: name, state, ...(left === undefined ? {} : { where: left }) })}\n`)
    else world.out(left === undefined ? `${name} er ${DONE[state]}.\n` : `${name}: ${tooLateText(left)}\n`)
    return left === undefined ? EXIT.done : EXIT.refused
  })
}
