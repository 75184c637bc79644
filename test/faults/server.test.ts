import { after, before, test } from 'node:test'
import { type Month, type Outcome, outcome, run, sameAs, smallMonth, verified } from './month.ts'
import { cleanUp, newPlace, type Place, scratch, startFake } from './program.ts'
import { copyStopped, type Moment, removeServer, serverKilledAt } from './server.ts'

const MOMENTS: readonly Moment[] = [
  { what: 'taking files in', folder: 'nemkonto', files: 0, delay: 400 },
  { what: 'calculating', folder: 'nemkonto', files: 0, delay: 700 },
  { what: 'paying the first', folder: 'nemkonto', files: 1, delay: 0 },
  { what: 'paying, and booking answers', folder: 'nemkonto', files: 6, delay: 20 },
  { what: 'paying the last but one', folder: 'nemkonto', files: 11, delay: 0 },
]

let month: Month
let reference: Outcome
let place: Place
before(async () => {
  month = await smallMonth(160)
  const undisturbed = await newPlace('undisturbed')
  await startFake(undisturbed)
  reference = outcome(undisturbed, await run(undisturbed, month))
  place = { url: undefined, dataDir: scratch('server') }
})
after(async () => {
  try {
    await removeServer(place.dataDir)
  } finally {
    await cleanUp()
  }
})

test('the server and its children are killed five times in a month: it ends as the undisturbed one', {}, async () => {
  await serverKilledAt(place, month, reference, MOMENTS)
})

test('a copy of the stopped data folder is whole, and there is nothing left to do in it', {}, async () => {
  const copy = await copyStopped(place, scratch('backup'))
  try {
    await verified(copy)
    await sameAs(reference, copy, await run(copy, month), 'run again in the copy')
  } finally {
    await removeServer(copy.dataDir)
  }
})
