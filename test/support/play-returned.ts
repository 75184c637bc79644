/** What a person does to a payment: pays it again, holds it, lets it go; and what is answered. */
import assert from 'node:assert/strict'
import { day } from '../../src/base/date.ts'
import { holdPayment, letPaymentGo } from '../../src/entry/line/hold-payments.ts'
import { sendRecalls, stopPayment, stopRun } from '../../src/entry/line/stop-payment.ts'
import { payAgain, repayFailed } from '../../src/entry/line/pay-again.ts'
import { findWork } from '../../src/modules/overview/index.ts'
import { paymentTo } from './play-rail.ts'
import { municipalityOf, type Play } from './play-scenario.ts'

const NAME = '([\\wæøåÆØÅ]+)'
const DATE = '(\\d{4}-\\d{2}-\\d{2})'
/** `kontoen oplyst`: the day on which the new account was named to NemKonto. */
const AGAIN = new RegExp(
  `^${NAME} betaler betalingen til ${NAME} igen(?:, tidligst ${DATE})?(?:, kontoen oplyst ${DATE})?(?: og afvises: (\\w+))?$`,
)
const FAILED = new RegExp(`^${NAME} betaler de fejlede i kørslen med betalingen til ${NAME} igen: (\\d+) betalinger$`)
const HOLD = new RegExp(
  `^${NAME} tilbageholder betalingen til ${NAME}(?: til ${DATE})?: ([^;]+?)(?:; for sent: (\\w+))?$`,
)
const STOP = new RegExp(`^${NAME} standser betalingen til ${NAME}: ([^;]+?)(?:; for sent: (\\w+))?$`)
const STOP_RUN = new RegExp(`^${NAME} standser kørslen med betalingen til ${NAME}: ([^;]+?)(?:; for sent: (\\d+))?$`)
const RELEASE = new RegExp(`^${NAME} frigiver betalingen til ${NAME}: (.+)$`)

/** False when the item is about something else. */
export async function payOrHold(play: Play, item: string): Promise<boolean> {
  const did =
    (await again(play, item)) || (await failed(play, item)) || (await stop(play, item)) || (await hold(play, item))
  if (did) {
    const code = municipalityOf(play, '')
    await play.line.loader.transaction([code], (tx) => findWork(tx, [code], `${play.month}-28T12:00:00Z`))
  }
  return did
}

function acts(play: Play, by: string) {
  return { municipality: municipalityOf(play, ''), reason: 'ny konto', by, at: `${play.month}-28T10:00:00Z` }
}

async function again(play: Play, item: string): Promise<boolean> {
  const found = AGAIN.exec(item)
  if (found === null) return false
  const [, by = '', to = '', on, named, refused] = found
  const { id } = await paymentTo(play, to)
  const act = {
    ...acts(play, by),
    on: on === undefined ? undefined : day(on),
    accountNamed: named === undefined ? undefined : day(named),
  }
  const { loader, rates } = play.line
  const done = loader.inTurn(act.municipality, (tx) => payAgain(tx, rates, id, act))
  if (refused === undefined) await done
  else await assert.rejects(done, { code: refused })
  return true
}

async function failed(play: Play, item: string): Promise<boolean> {
  const found = FAILED.exec(item)
  if (found === null) return false
  const [, by = '', to = '', count] = found
  const { run } = await paymentTo(play, to)
  const act = acts(play, by)
  const { loader, rates } = play.line
  const made = await loader.inTurn(act.municipality, (tx) => repayFailed(tx, rates, run, act))
  assert.equal(made.payments.length, Number(count))
  return true
}

/** As `toek stop` does. */
async function stop(play: Play, item: string): Promise<boolean> {
  const found = STOP.exec(item)
  if (found === null) return await stopWhole(play, item)
  const [, by = '', to = '', reason = '', tooLate] = found
  const { id } = await paymentTo(play, to)
  const act = { ...acts(play, by), at: `${play.month}-28T10:00:00+00:00`, payment: id, reason }
  const { loader, rates, out, incoming, at } = play.line
  const stopped = await loader.inTurn(act.municipality, (tx) => stopPayment(tx, act))
  assert.equal(stopped.state === 'too_late' ? stopped.where : undefined, tooLate)
  await sendRecalls({ connection: loader, rates, folders: { out, in: incoming }, at }, act.municipality)
  return true
}

/** With how many payments of the run it was too late for. */
async function stopWhole(play: Play, item: string): Promise<boolean> {
  const found = STOP_RUN.exec(item)
  if (found === null) return false
  const [, by = '', to = '', reason = '', late = '0'] = found
  const { run: runNo } = await paymentTo(play, to)
  const act = { ...acts(play, by), at: `${play.month}-28T10:00:00+00:00`, runNo, reason }
  const { loader, rates, out, incoming, at } = play.line
  const { payments } = await loader.inTurn(act.municipality, (tx) => stopRun(tx, act))
  assert.equal(payments.filter(({ stopped }) => stopped.state === 'too_late').length, Number(late))
  await sendRecalls({ connection: loader, rates, folders: { out, in: incoming }, at }, act.municipality)
  return true
}

async function hold(play: Play, item: string): Promise<boolean> {
  const held = HOLD.exec(item)
  if (held !== null) {
    const [, by = '', to = '', until, reason = '', tooLate] = held
    const { id } = await paymentTo(play, to)
    const act = { ...acts(play, by), payment: id, reason, until: until === undefined ? undefined : day(until) }
    const left = await play.line.loader.inTurn(act.municipality, (tx) => holdPayment(tx, act))
    assert.equal(left, tooLate)
    return true
  }
  const released = RELEASE.exec(item)
  if (released === null) return false
  const [, by = '', to = '', reason = ''] = released
  const { id } = await paymentTo(play, to)
  const act = { ...acts(play, by), payment: id, reason }
  await play.line.loader.inTurn(act.municipality, (tx) => letPaymentGo(tx, play.line.rates, act))
  return true
}
