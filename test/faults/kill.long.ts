/** More kills, more seeds, and a municipality of several batches: `npm run test:long`. */
import { after, before, test } from 'node:test'
import { failpoints, killedAtEach, killedAtRandom } from './kill.ts'
import { type Month, type Outcome, outcome, run, smallMonth } from './month.ts'
import { cleanUp, newPlace, scratch, startFake } from './program.ts'
import { type Moment, removeServer, serverKilledAt } from './server.ts'

/** About two and a half batches of 5,000 orders in the larger municipality. */
const ORDERS = 20_000
const KILLS = 40
const SEEDS = [1, 2, 3]

let month: Month
let reference: Outcome
before(async () => {
  month = await smallMonth(ORDERS, 11)
  const place = await newPlace('undisturbed')
  await startFake(place)
  reference = outcome(place, await run(place, month))
})
after(cleanUp)

for (const nth of [1, 2]) {
  // What a municipality does once has no second time in a thread: only its files are many.
  const points = failpoints().filter((point) => nth === 1 || /^(file|answers:read)/.test(point))
  test(`killed at every named point, the ${nth}. time it is reached`, async () => {
    await killedAtEach(month, reference, points, nth)
  })
}

for (const seed of SEEDS) {
  test(`killed ${KILLS} times at random moments, seed ${seed}`, async (t) => {
    t.diagnostic(`${await killedAtRandom(month, reference, seed, KILLS)} histories`)
  })
}

test('the server is killed ten times in one month', async () => {
  const place = { url: undefined, dataDir: scratch('server') }
  const moments: Moment[] = [500, 1000, 1500, 2000, 2500].map((delay) => ({
    what: 'early',
    folder: 'nemkonto',
    files: 0,
    delay,
  }))
  // The files of a municipality get their names together; those that lie there already let a resumed run be killed.
  for (const [folder, delay] of [
    ['nemkonto', 30],
    ['nemkonto', 1200],
    ['nemkonto', 2400],
    ['eindkomst', 30],
    ['eindkomst', 1500],
  ] as const)
    moments.push({ what: `${delay} ms after ${folder}`, folder, files: 1, delay })
  try {
    await serverKilledAt(place, month, reference, moments)
  } finally {
    await removeServer(place.dataDir)
  }
})
