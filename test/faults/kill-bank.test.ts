/** A month that the bank pays, by both of its profiles: killed between commit and file, and around its naming. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { factFile } from '../support/files.ts'
import { killedAtEach } from './kill.ts'
import { type Month, MONTH, outcome, run, smallMonth } from './month.ts'
import { cleanUp, newPlace, type Place, scratch, startFake, toek } from './program.ts'

after(cleanUp)

const RAILS = { ydelse: 'bank_account', sygedagpenge: 'bank_party' }

/** Both of its offices pay by the bank; a second person approves it. */
async function byTheBank(place: Place, month: Month): Promise<void> {
  const folder = scratch('rules')
  for (const municipality of month.municipalities.split(',')) {
    const facts = Object.entries(RAILS).map(([unit, rail]) => {
      return { record: 'rail', municipality, unit, rail, valid_from: '2026-01-01' }
    })
    const path = join(folder, `${municipality}-VEJE.ndjson`)
    writeFileSync(path, factFile(`VEJE-${municipality}`, municipality, MONTH, facts))
    const taken = await toek(place, ['import', '--json', '--by', 'ida', path])
    assert.equal(taken.code, 0, taken.err + taken.out)
    const approved = await toek(place, ['rules', 'approve', '1', '--municipality', municipality, '--by', 'bo'])
    assert.notEqual(approved.code, 4, approved.err)
  }
}

test('by the bank: killed between commit and file, and around its naming, it ends as the undisturbed one', async () => {
  const month = await smallMonth(60)
  const place = await newPlace('bank')
  await startFake(place)
  await byTheBank(place, month)
  const reference = outcome(place, await run(place, month))
  const files = Object.keys(reference.out)
  assert.ok(files.some((name) => name.startsWith('iso20022/')))
  assert.ok(!files.some((name) => name.startsWith('nemkonto/')))
  const points = ['run:after-release', 'file:before-rename', 'file:after-rename']
  await killedAtEach(month, reference, points, 1, (other) => byTheBank(other, month))
})
