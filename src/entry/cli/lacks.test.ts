import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { testDatabase } from '../../../test/database.ts'
import { command } from '../../../test/support/command.ts'
import { builtInRateBook } from '../../modules/rates/index.ts'
import { referenceOf } from '../reference.ts'
import { generateVerb } from './generate.ts'
import { policyVerb } from './policy.ts'
import { sweepVerb } from './sweep.ts'
import { switchVerb } from './switch.ts'
import type { Verb } from './verbs.ts'

const { url } = await testDatabase({ reference: referenceOf(builtInRateBook()) })
const dataDir = mkdtempSync(join(tmpdir(), 'toek-lacks-'))
after(() => rmSync(dataDir, { recursive: true }))

const toek = (verb: Verb, ...args: string[]) =>
  command(verb, args, { dataDir, url, now: '2026-03-02T09:00:00Z', user: 'anna' })

test('what was not said is told in a sentence, before the help', async () => {
  const refused = (begins: string) => (error: { code: string; message: string }) =>
    error.code === 'usage' && error.message.startsWith(`${begins}\n\ntoek `)
  await assert.rejects(toek(generateVerb, '--month', '2026-03', '--out', dataDir), refused('Say --municipality.'))
  await assert.rejects(toek(generateVerb), refused('Say --month, --municipality, --out.'))
  await assert.rejects(
    toek(policyVerb, '--municipality', '0751'),
    refused('Say what to print: --annex, the only form that there is.'),
  )
  await assert.rejects(
    toek(sweepVerb, '--municipality', '0751'),
    refused('Say what time it is: --at TIME. The months of the demo lie behind the clock.'),
  )
  await assert.rejects(
    toek(switchVerb, 'on', 'XX', '--municipality', '0751'),
    refused('Say on or off, and then one of KY, KSD, KP.'),
  )
})

test('the switches of all municipalities are shown where none is named; to set one, it must be named', async () => {
  assert.deepEqual(await toek(switchVerb), { code: 0, out: 'Intet nødstop er slået til.\n' })
  await toek(switchVerb, 'on', 'KY', '--municipality', '0751', '--reason', 'forkerte satser')
  const shown = await toek(switchVerb)
  assert.deepEqual([shown.code, shown.out], [3, '0751 KY er standset af anna: forkerte satser.\n'])
  await assert.rejects(toek(switchVerb, 'on', 'KY', '--reason', 'x'), { message: /^Say which municipality: / })
})
