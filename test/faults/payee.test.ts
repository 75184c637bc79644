/**
 * `toek payee`: entered by one, approved by another, ended; each act leaves its trace, and no number of a citizen
 * shows.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { builtInRateBook } from '../../src/modules/rates/index.ts'
import { referenceOf } from '../../src/entry/reference.ts'
import { testDatabase } from '../database.ts'
import { cleanUp, type Place, scratch, sql, toek } from './program.ts'

let place: Place & { readonly url: string }
before(async () => {
  const { url } = await testDatabase({ mode: 'operation', reference: referenceOf(builtInRateBook()) })
  place = { url, dataDir: scratch('payee') }
})
after(cleanUp)

const payee = (...more: string[]) => toek(place, ['payee', ...more, '--municipality', '0751'])
const WHOM = ['--beneficiary', 'cpr:6103850000', '--payee', 'cpr:6103850001', '--from', '2026-03-01']
const WHY = ['--reason', 'værge', '--document', 'V-12']

test('entered by one person, approved by another, ended', async () => {
  const none = await payee()
  assert.deepEqual([none.code, none.out], [0, 'Ingen modtageraftaler.\n'])
  const bare = await payee('enter', ...WHOM, '--reason', 'værge', '--by', 'Ida')
  assert.equal(bare.code, 4)
  assert.match(bare.err, /--document is missing/)
  const wrong = await payee('enter', '--beneficiary', 'cpr:1234', '--from', '2026-03-01', ...WHY, '--by', 'Ida')
  assert.match(wrong.err, /--beneficiary is cpr:NUMBER/)
  const empty = await payee('enter', '--beneficiary', 'cpr:6103850000', '--from', '2026-03-01', ...WHY, '--by', 'Ida')
  assert.match(empty.err, /nothing would change/)

  const entered = await payee('enter', ...WHOM, ...WHY, '--by', 'Ida')
  assert.equal(entered.code, 3, entered.err)
  assert.match(entered.out, /0751 aftale 1 \(alle ydelser\): Udbetales til CPR 610385-xxxx/)
  assert.match(entered.out, /Venter\. Godkend: toek payee approve 1 --municipality 0751/)
  const same = await payee('approve', '1', '--by', 'Ida')
  assert.equal(same.code, 4)
  assert.match(same.err, /Ida entered the arrangement; another person must approve it/)
  const approved = await payee('approve', '1', '--by', 'Bo', '--json')
  assert.equal(approved.code, 0, approved.err)
  const { arrangements } = JSON.parse(approved.out) as { arrangements: { state: string; approved_by: string }[] }
  assert.deepEqual(
    arrangements.map((one) => [one.state, one.approved_by]),
    [['approved', 'Bo']],
  )
  const second = await payee('enter', ...WHOM, ...WHY, '--by', 'Ida')
  assert.equal(second.code, 3)
  assert.match((await payee('approve', '2', '--by', 'Bo')).err, /Arrangement 1 says whom the same is paid to/)
  assert.equal((await payee('end', '2', '--from', '2026-03-01', '--reason', 'fejl', '--by', 'Ida')).code, 0)
  const ended = await payee('end', '1', '--from', '2026-05-01', '--reason', 'ophævet', '--by', 'Bo')
  assert.match(ended.out, /Ophørt fra 1\. maj 2026 af Bo: ophævet/)

  const acts = await sql<{ command: string; actor: string; subject: string }>(
    place.url,
    `select command, actor, subject from audit_log where command like 'payee.%' order by audit_no`,
  )
  assert.deepEqual(
    acts.map((one) => `${one.command} ${one.subject} ${one.actor}`),
    [
      'payee.enter arrangement 1 Ida',
      'payee.approve arrangement 1 Bo',
      'payee.enter arrangement 2 Ida',
      'payee.end arrangement 2 Ida',
      'payee.end arrangement 1 Bo',
    ],
  )
})
