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
import { type Verb, verbOf } from './verbs.ts'

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

/** Of every verb what is typed wrongly, and the sentence that says so. */
const WRONG: readonly (readonly [typed: string, sentence: string])[] = [
  ['acute', 'Say wanted, send, or one of KY, KSD, KP with the key of an order.'],
  ['acute KY KY-1', 'Say wanted, send, or one of KY, KSD, KP with the key of an order and why: --reason.'],
  ['approve --month 2026-03 --total 12,50', '--total is the total that was shown, in whole øre, not 12,50.'],
  ['audit --user anna', 'Say who and when: --user NAME --from YYYY-MM-DD --to YYYY-MM-DD.'],
  ['audit --user anna --from 2026-03-02 --to 2026-03-01', '--to is before --from.'],
  ['calendar --month marts', '--month is a month such as 2026-03, not marts.'],
  ['calendar move 0751R3', 'Say which run is moved and why: toek calendar move 0751R3 --reason TEXT.'],
  ['check-told', 'Say which month: --month 2026-03.'],
  ['compare --month 2026-03', 'Say the file of what the old solution paid: --with FILE.'],
  ['close-returned --municipality 0751 --approve 1', 'Say the total that was shown, in whole øre: --total 125000.'],
  ['day', 'Say which day: --date 2026-03-31.'],
  ['explain', 'Say which payment, such as 0751R3N17, or which order: KY KY-1.'],
  ['gate 0751', 'Say which payment run, such as 0751R3, not 0751.'],
  ['gate lift 0751R3', 'Say the number of the finding that is lifted.'],
  ['hold KY KY-1', 'Say why: --reason TEXT.'],
  ['hold XX 1 --reason x', 'Say a payment, such as 0751R3N17, or one of KY, KSD, KP and the key of an order.'],
  ['import', 'Say which files: toek import FILE ….'],
  ['import --register CPR package.json', '--register is one of cpr, cvr, eskattekort, not CPR.'],
  ['law', 'Say what: enter FILE, list, test NUMBER, approve NUMBER, apply or rates.'],
  ['law approve 1', 'Say the figures that toek law test showed: --items N --net=ORE, whole numbers.'],
  ['law rates', 'Say on which day: --on 2026-03-31.'],
  ['law test two', 'Say the number of the change, as toek law list shows it.'],
  ['letter', 'Say one payment that came back: 0751R3N17.'],
  ['match 4711', 'Say both which bank line and what it is: toek match BANK_REF --to ID.'],
  ['outside register XX 1', 'An order is of KY, KSD, KP, not of XX.'],
  ['outside approve', 'Say the number of what is to approve, as toek outside lists it.'],
  ['oversight --month 2026-03', 'Say draw, show, mark or sign.'],
  ['oversight mark --month 2026-03', 'A payment, such as 0751R3N17, is named to be marked, and only then.'],
  ['pay-again', 'Say what came back: a payment, such as 0751R3N17.'],
  ['payee approve --municipality 0751', 'Say the number of the arrangement, as toek payee lists it.'],
  ['payee remove', 'Say enter, approve or end, not remove; or nothing, for the list.'],
  ['person 123', 'Say one citizen by CPR number: ten digits, with or without a hyphen.'],
  ['quarantine --line 3', '--line is the number of a line of the file that --resolve names.'],
  ['repay-failed 0751R3', 'Say why: --reason TEXT.'],
  ['resend 0751R3', 'Say what was mended, or what the rail said: --reason TEXT.'],
  ['rules end 3', 'Say approve N, not end; or nothing, for the list.'],
  ['run', 'Say which month: --month 2026-03.'],
  ['simulate', 'Say which order or order file: toek simulate FILE.'],
  ['stop 0751R3N17 --run 0751R3 --reason x', 'Say either a payment, such as 0751R3N17, or a run: --run 0751R3.'],
  ['work --take a:1 --close a:1', 'Say either --take or --close, not both.'],
  ['year-end', 'Say which month: --month 2026-03.'],
]

test('whatever is typed wrongly, a sentence says what, before the help of the verb', async () => {
  for (const [typed, sentence] of WRONG) {
    const [name = '', ...args] = typed.split(' ')
    const verb = (await verbOf(name)) as Verb
    await assert.rejects(toek(verb, ...args), { code: 'usage', message: `${sentence}\n\n${verb.help}` }, typed)
  }
})

test('an act on one municipality names one, and no other is taken for it', async () => {
  for (const typed of ['hold KY KY-1 --reason x', 'explain KY KY-1', 'acute send', 'rules approve 1']) {
    const [name = '', ...args] = typed.split(' ')
    const act = (...more: string[]) => verbOf(name).then((verb) => toek(verb as Verb, ...args, ...more))
    const sentence = 'Say one municipality: --municipality 0751, not 0751,0101.'
    await assert.rejects(act('--municipality', '0751,0101'), { code: 'usage', message: sentence }, typed)
  }
})
