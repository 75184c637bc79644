/** Random histories of corrections on the whole line: a year of new versions, repayments and returned payments. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Municipality } from '../src/base/id.ts'
import { verifyMunicipality } from '../src/modules/ledger/index.ts'
import { checkDueDays } from './support/check-due.ts'
import { checkYear, readRail } from './support/check-year.ts'
import { countMovements } from './support/check-history.ts'
import { checkWeeks } from './support/check-weeks.ts'
import { memoryOf } from './support/known-on.ts'
import { MONTHS, monthText } from './support/history-records.ts'
import { type TestLine, testLine } from './support/line.ts'
import { type Dice, diceOf } from './support/dice.ts'
import { type Disorder, disorder } from './support/disorder.ts'
import { stateOf } from './support/history-state.ts'
import type { Counts } from './support/compare-history.ts'
import { AT_ONE_PLACE, playMonth, playsFor, runAgain } from './support/play-history.ts'
import type { Played } from './support/played-history.ts'

/** `TOEK_HISTORIES="SEED HISTORIES"`: another year, or the histories of one municipality alone by its first seed. */
const [SEED = 20_261_128, HISTORIES = 50] = (process.env['TOEK_HISTORIES'] ?? '').split(' ').filter(Boolean).map(Number)
/** Municipalities that live twice. */
const TWINS = 1

/** What a year must have seen, and how often at least: else it proves nothing. */
const SEEN: Readonly<Record<string, number>> = {
  'stands to stands': 50,
  'stands to withdrawn': 20,
  'stands to withdrawn, returned': 20,
  'stands to overpaid': 100,
  'overpaid to stands': 30,
  'overpaid to claim': 30,
  'claim to overpaid': 5,
  'overpaid to gross_claim': 3,
  'claim to stands': 3,
  'set-offs': 30,
  'third parties': 30,
  simulated: 20,
  'ended in the middle': 12,
  'told twice': 20,
  'came back in part': 3,
  settled: 10,
  stopped: 30,
  death: 1,
  missing: 1,
  bankruptcy: 1,
  closed: 1,
  restored: 1,
  'waits for a register or a person': 100,
  'let go by a person': 20,
  'third parties stopped': 10,
  'third parties stopped, due again': 3,
  'not paid again, payee_stopped': 1,
  movements: 100,
  adjust: 3,
  technical_error: 3,
  not_repayable: 3,
  'kept to stands': 1,
  'not taken': 1,
  'overpaid to adjusting': 20,
  'adjusting to stands': 15,
  'claims too much': 10,
  'an older version comes late': 3,
  withdraw: 20,
  're-open': 10,
  payee: 10,
  'the banks are closed': 10,
  split: 20,
  shorten: 20,
  move: 20,
  'answers twice': 1,
  'answers behind': 1,
  'answers 9 first': 1,
  'answers swapped': 1,
  'answers next month': 1,
  'statement twice': 1,
  'statement behind another': 1,
  'waits for an answer': 1,
  arrangement: 1,
  'arrangement, ended': 1,
  'paid before': 1,
  'vouched before_takeover': 1,
  'vouched before_look_back': 1,
  gathered: 1,
  'overpaid to suppressed': 1,
  'an employer of several': 1,
  'paid again': 10,
  'not paid again, nothing_left': 1,
}

test(`a year of corrections: the books are what the decisions want (seed ${SEED})`, async () => {
  const line = await testLine()
  try {
    const plays = await playsFor(line, SEED, { histories: HISTORIES, twins: TWINS })
    const counts: Counts = new Map()
    const roll = diceOf(SEED)
    const twins = plays.flatMap(({ code, twin }) => (twin === undefined ? [] : [code, twin]))
    const files = disorder(line, diceOfFiles(plays), new Set(twins))
    const memory = memoryOf(line.loader.db)
    for (const now of MONTHS.keys()) {
      await playMonth(line, plays, now, counts, roll, files)
      await memory.remember(plays.map((play) => play.code))
    }
    await endYear(line, plays, files)
    for (const [what, n] of files.seen) counts.set(what, n)
    const wrong = plays.filter((play) => play.faults.length > 0)
    assert.deepEqual(wrong.map(toldOf), [], `${wrong.length} of ${plays.length} municipalities went wrong`)
    await memory.isKept()
    const codes = plays.map((play) => play.code)
    await checkWeeks(line, codes)
    await checkDueDays(line, codes)
    await twinsAgree(line, plays)
    await wasSeen(line, plays, counts)
    assert.equal((await line.rail.get<{ doubles: number }>('/books')).doubles, 0)
  } finally {
    await line.close()
  }
})

/** Of the municipalities where the files of the rail and the bank come in disorder; a twin's in another one. */
function diceOfFiles(plays: readonly Played[]): Map<Municipality, Dice> {
  const dice = new Map<Municipality, Dice>()
  for (const { code, twin, seed, ways } of plays) {
    if (ways.disorder) dice.set(code, diceOf(seed + 2))
    if (twin !== undefined) dice.set(twin, diceOf(seed + 3))
  }
  return dice
}

/** The last answers come; then nothing waits, and everything agrees with everybody else's books. */
async function endYear(line: TestLine, all: readonly Played[], files: Disorder): Promise<void> {
  const plays = all.filter((play) => play.faults.length === 0)
  files.layBack('next month')
  line.whenLaid(undefined)
  await runAgain(line, monthText(MONTHS.length), plays, files)
  const rail = await readRail(line)
  for (const play of plays) await checkYear(line, play, rail)
}

function toldOf({ seed, code, faults }: Played): string {
  return `TOEK_HISTORIES="${seed} ${AT_ONE_PLACE}", in ${code}: ${faults.slice(0, 4).join('\n')}`
}

async function twinsAgree(line: TestLine, plays: readonly Played[]): Promise<void> {
  for (const { code, twin } of plays) {
    assert.equal(await line.loader.transaction([code], (tx) => verifyMunicipality(tx, code)), undefined)
    if (twin === undefined) continue
    assert.deepEqual(await stateOf(line, twin), await stateOf(line, code), `files in another order: ${twin} as ${code}`)
  }
}

async function wasSeen(line: TestLine, plays: readonly Played[], counts: Counts): Promise<void> {
  const seen = new Map(counts)
  const histories = plays.flatMap((play) => play.histories)
  for (const { drawn } of histories) for (const [what, n] of drawn) seen.set(what, (seen.get(what) ?? 0) + n)
  const said = plays.flatMap(({ records }) => [...records.said.values()])
  seen.set('movements', said.filter((record) => record['adjusts'] !== undefined).length)
  const codes = plays.map((play) => play.code)
  for (const [what, n] of await countMovements(line.loader.db, codes)) seen.set(what, n)
  // A year that was asked for may lack what is rare.
  if (process.env['TOEK_HISTORIES'] !== undefined) return
  const few = Object.entries(SEEN).filter(([what, least]) => (seen.get(what) ?? 0) < least)
  assert.deepEqual(few, [], JSON.stringify([...seen]))
}
