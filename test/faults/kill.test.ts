import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { deadPoints, failpoints, killedAtEach, killedAtRandom } from './kill.ts'
import {
  committed,
  type Month,
  nothingDoneAgain,
  type Outcome,
  outcome,
  run,
  sameAs,
  smallMonth,
  verified,
} from './month.ts'
import { cleanUp, newPlace, startFake } from './program.ts'

const SEED = 20_260_331
const KILLS = 12

let month: Month
let reference: Outcome
before(async () => {
  month = await smallMonth()
  const place = await newPlace('undisturbed')
  await startFake(place)
  reference = outcome(place, await run(place, month))
  const done = await committed(place.url)
  await verified(place)
  await sameAs(reference, place, await run(place, month), 'run again')
  const again = await committed(place.url)
  nothingDoneAgain(done, again, 'run again')
  assert.equal(again.size, done.size, 'a finished month that is run again writes nothing')
})
after(cleanUp)

test('the month has payments, refused and returned ones, and is explained to the øre', () => {
  const { closing } = reference
  assert.ok(closing.payments_sent > 250)
  assert.ok(closing.payments_returned >= 6)
  assert.equal(closing.unexplained_ore, 0)
  assert.equal(Object.keys(reference.out).length, closing.files.length)
})

test('every named point lies somewhere in the line', () => {
  assert.deepEqual(deadPoints(), [])
})

test('killed at every named point, one after the other, the month ends as the undisturbed one', {}, async () => {
  await killedAtEach(
    month,
    reference,
    failpoints().filter((point) => !deadPoints().includes(point)),
    1,
  )
})

test('killed at random moments, the month ends as the undisturbed one', {}, async (t) => {
  t.diagnostic(`seed ${SEED}`)
  const histories = await killedAtRandom(month, reference, SEED, KILLS)
  t.diagnostic(`${KILLS} kills in ${histories} histories`)
})
