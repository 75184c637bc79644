/** Plays random histories on the line, all municipalities together; each month the books are held against the model. */
import assert from 'node:assert/strict'
import type { Municipality } from '../../src/base/id.ts'
import { monthClock } from '../../src/entry/line/clock.ts'
import type { Failpoint } from '../../src/entry/line/line.ts'
import type { MonthPlan } from '../../src/entry/line/plan-month.ts'
import { doTask } from '../../src/entry/line/tasks.ts'
import { payAgainSome } from './again-history.ts'
import { arrangeSome, payeesAreRight } from './arrange-history.ts'
import { readBooks } from './check-history.ts'
import { type Counts, compare, count } from './compare-history.ts'
import { decideOutcome } from './decide-history.ts'
import { type Dice, diceOf } from './dice.ts'
import type { Disorder } from './disorder.ts'
import type { Known } from './drawn-decision.ts'
import { type OrderRecord, orderFile } from './files.ts'
import { localFile } from './history-bases.ts'
import { paidBefore, take } from './history-model.ts'
import { type Key, MONTHS, monthText, numberOf, recordOf, type Version } from './history-records.ts'
import { faultsIn } from './history-rules.ts'
import { type Model, newModel } from './history-stands.ts'
import { Crash, monthOf, refreshStatistics, type TestLine } from './line.ts'
import { movementOf } from './movement-record.ts'
import { approveWaiting } from './play-rules.ts'
import { doer, type Played, textOfCode, waysOf } from './played-history.ts'
import { newHistory, versionsOf } from './random-history.ts'
import { compareSample, type Sample, simulate } from './simulate-history.ts'
import { letSomeGo, release, releaseMissing, stopUnsentOf, tellEvents } from './stop-history.ts'

/** Histories that share a municipality: its payment runs, answers and ledger batches. */
export const AT_ONE_PLACE = 8
const SEEDS_APART = 1_000

export async function newPlay(
  line: TestLine,
  seed: number,
  size: number,
  code: Municipality,
  twin: Municipality | undefined,
): Promise<Played> {
  const ways = waysOf(diceOf(seed + 4))
  const histories = Array.from({ length: size }, (_, place) =>
    newHistory(seed + place * SEEDS_APART, place, ways.takenOver),
  )
  const bases = histories.flatMap((history) => history.bases)
  const model = newModel()
  for (const { version } of bases) paidBefore(model, version)
  for (const one of twin === undefined ? [code] : [code, twin]) {
    for (const history of histories) {
      const facts = history.facts(textOfCode(one), line.rates.municipality(one).cvr)
      const taken = await line.importText(facts, MONTHS[0] as string)
      assert.deepEqual([taken.state, taken.refused], ['loaded', []])
    }
    const local = localFile(textOfCode(one), MONTHS[0] as string, ways, bases)
    if (local === undefined) continue
    const taken = await line.importText(local, MONTHS[0] as string)
    assert.deepEqual([taken.state, taken.refused], ['loaded', []])
    await approveWaiting(line, one, 'godkender', MONTHS[0] as string)
  }
  return {
    seed,
    code,
    ways,
    histories,
    model: { ...model, ...ways },
    twin,
    events: [],
    arranged: [],
    seenPayments: new Map(),
    faults: [],
    told: [],
    files: [],
    records: { newest: new Map(), said: new Map() },
    twinFiles: [],
    roll: diceOf(seed + 1),
    again: diceOf(seed + 5),
    nothingLeft: new Map(),
  }
}

/**
 * Some municipalities calculate once before they pay: then a new version finds what was never sent. A history that went
 * wrong is told of and played no further.
 */
export async function playMonth(
  line: TestLine,
  all: readonly Played[],
  now: number,
  counts: Counts,
  roll: Dice,
  files: Disorder,
): Promise<void> {
  const month = monthText(now)
  files.begin(month)
  const plays = all.filter((play) => play.faults.length === 0)
  for (const play of plays) {
    await decideOne(line, play, month, counts)
    await settleSome(line, play, month, counts)
    for (const what of await tellEvents(line, play, codesOf([play]), month)) count(counts, what)
    for (const what of await payAgainSome(line, play, codesOf([play]), month)) count(counts, what)
    if (play.ways.arranged)
      for (const what of await arrangeSome(line, play, codesOf([play]), month)) count(counts, what)
  }
  const early = plays.filter((play) => play.roll(6) === 0)
  for (const part of [early, plays]) {
    if (part === plays) for (const play of early) await stopSome(line, play, month, counts)
    const samples: Sample[] = []
    for (const play of part) samples.push(...(await bringIn(line, play, now, counts)))
    for (const play of part) await letGo(line, play, month, counts)
    const before = await readBooks(line.loader.db, codesOf(part))
    if (roll(2) === 0) line.crashAt(CALCULATION[roll(CALCULATION.length)])
    for (const play of part) await calculateOnly(line, month, play, counts)
    const going = part.filter((play) => play.faults.length === 0)
    if (part === plays) await payMonth(line, month, going, PAYMENT[roll(PAYMENT.length)] as Failpoint, counts, files)
    const after = await readBooks(line.loader.db, codesOf(going))
    for (const play of going) compare(line, play, now, before, after, counts)
    for (const sample of samples) if (going.includes(sample.play)) await compareSample(line, sample)
  }
  const late = files.layBack('next month', month)
  const behind = plays.filter((play) => codesOf([play]).some((code) => late.includes(code)))
  if (behind.length > 0) await runAgain(line, month, behind, files)
  for (const play of plays) play.faults.push(...(await payeesAreRight(line, play, codesOf([play]))))
  const found = await faultsIn(line.loader.db, codesOf(plays))
  for (const play of plays) play.faults.push(...(found.get(play.code) ?? []).map((what) => `${month}: ${what}`))
}

async function decideOne(line: TestLine, play: Played, month: string, counts: Counts): Promise<void> {
  const { roll, model } = play
  if (roll(4) === 0) return
  try {
    const outcome = await decideOutcome(doer(line), codesOf([play]), model, month, roll)
    if (outcome !== undefined) count(counts, outcome)
    if (outcome !== undefined) play.told.push(`${month}: ${outcome}`)
  } catch (error) {
    play.faults.push(`${month}: ${(error as Error).stack}`)
  }
}

/** What a person may let go who has seen to it. */
const MAY_SETTLE: readonly string[] = ['came_back', 'before_takeover', 'before_look_back']

/** A person has seen to what came back, or is old, and lets the version go that waits for it. */
async function settleSome(line: TestLine, play: Played, month: string, counts: Counts) {
  const { code, twin, model, roll, events } = play
  for (const one of model.decisions.values()) {
    const { held, newest } = one
    if (!MAY_SETTLE.includes(held ?? '') || newest === undefined || roll(2) === 0) continue
    for (const municipality of twin === undefined ? [code] : [code, twin])
      await release(line, municipality, newest, month)
    // Whatever else holds it is let go with it.
    for (const event of events) event.letGo.add(`${newest.order} ${newest.version}`)
    if (held === 'came_back') one.settled = numberOf(newest)
    else one.vouched.add(`${numberOf(newest)} ${held}`)
    count(counts, held === 'came_back' ? 'settled' : `vouched ${held}`)
  }
}

/** Where nobody dies everybody is found at once. */
async function letGo(line: TestLine, play: Played, month: string, counts: Counts): Promise<void> {
  if (play.ways.stopped) for (const what of await letSomeGo(line, play, codesOf([play]), month)) count(counts, what)
  else await releaseMissing(line, codesOf([play]), month)
}

async function stopSome(line: TestLine, play: Played, month: string, counts: Counts): Promise<void> {
  if (play.faults.length > 0 || play.roll(4) === 0) return
  try {
    for (const what of await stopUnsentOf(line, play, codesOf([play]), month)) count(counts, what)
  } catch (error) {
    play.faults.push(`${month}: ${(error as Error).stack}`)
  }
}

export function codesOf(plays: readonly Played[]): Municipality[] {
  return plays.flatMap(({ code, twin }) => (twin === undefined ? [code] : [code, twin]))
}

const CALCULATION: readonly Failpoint[] = ['calculate:after-marker', 'calculate:after-copy', 'calculate:before-commit']
const PAYMENT: readonly Failpoint[] = [
  'run:assembled',
  'run:before-release',
  'run:after-release',
  'file:half-written',
  'file:before-rename',
  'file:after-rename',
  'answers:read',
  'answers:before-commit',
  'answers:after-commit',
  'statement:before-commit',
  'statement:after-commit',
  'tell:before-record',
  'tell:after-record',
  'seal:before-commit',
]

/** The month ends in the middle, and is run again; and once more when files of the rail and the bank come last. */
async function payMonth(
  line: TestLine,
  month: string,
  plays: readonly Played[],
  point: Failpoint,
  counts: Counts,
  files: Disorder,
): Promise<void> {
  await refreshStatistics(line)
  line.crashAt(point)
  try {
    await line.runMonth(month, codesOf(plays))
  } catch (error) {
    if (!(error instanceof Crash)) throw error
    count(counts, 'ended in the middle')
  }
  line.crashAt(undefined)
  await runAgain(line, month, plays, files)
}

/** What a month lacks while answers have not come. */
const WAITED_FOR = ['answer_missing', 'bank_line_unmatched', 'bank_line_missing']

/** Everything is explained; what is found of a municipality may have a file that waits as its cause. */
export async function runAgain(
  line: TestLine,
  month: string,
  plays: readonly Played[],
  files: Disorder,
): Promise<void> {
  const result = await line.runMonth(month, codesOf(plays))
  assert.ok(result.released)
  const late = files.layBack('again')
  const later = late.length === 0 ? [] : (await line.runMonth(month, late)).reconciliations
  const first = result.reconciliations.filter((one) => !late.includes(one.municipality))
  for (const { clearing, findings, municipality } of [...first, ...later]) {
    const play = plays.find((one) => one.code === municipality || one.twin === municipality)
    const off = clearing.filter((row) => row.balance_ore !== row.explained_ore)
    const waits = files.waitsFor(municipality)
    const found = findings.filter(({ what }) => !waits || !WAITED_FOR.includes(what))
    for (const one of [...off, ...found]) play?.faults.push(`${month}: ${JSON.stringify(one)}`)
  }
}

/** As the month does first; a municipality that cannot be calculated is left out of the rest. */
async function calculateOnly(line: TestLine, month: string, play: Played, counts: Counts): Promise<void> {
  const knownAt = monthClock(monthOf(month)).calculated
  try {
    for (const municipality of codesOf([play])) {
      const plan = (await doTask(doer(line), { kind: 'plan', municipality, month: monthOf(month) })) as MonthPlan
      for (const workNo of plan.batches) {
        await doTask(doer(line), { kind: 'calculate', municipality, workNo, knownAt })
      }
    }
  } catch (error) {
    if (error instanceof Crash) {
      count(counts, 'ended in the middle')
      await calculateOnly(line, month, play, counts)
      return
    }
    play.faults.push(`${month}: ${(error as Error).stack}`)
  }
}

// ---- what comes in -------------------------------------------------------------------------------------------------

async function bringIn(line: TestLine, play: Played, now: number, counts: Counts): Promise<Sample[]> {
  const { code, twin, model, roll } = play
  const month = monthText(now)
  const versions = play.histories.flatMap((history) => versionsOf(history, now, knownOf(model)))
  for (const version of versions) play.told.push(JSON.stringify(version))
  const last = versions.at(-1)
  // An older version that comes late is not taken, and has nothing to simulate.
  const known = model.decisions.get(last?.order ?? '')?.newest?.version ?? 0
  const isSample = last !== undefined && last.version > known && roll(3) === 0
  const rest = isSample ? versions.slice(0, -1) : versions
  const bring = async (list: readonly Version[]): Promise<void> => {
    for (const file of filesOf(list, code, month, play.files, play.records, roll)) await importOne(line, file, month)
  }
  await bring(rest)
  if (roll(5) === 0 && play.files.length > 0) {
    await importOne(line, play.files[roll(play.files.length)] as string, month)
    count(counts, 'told twice')
  }
  if (roll(5) === 0 && rest.length > 0) {
    await bring([rest[roll(rest.length)] as Version])
    count(counts, 'told twice')
  }
  if (twin !== undefined) {
    const turned = filesOf(versions.toReversed(), twin, month, play.twinFiles).toReversed()
    for (const file of turned) await importOne(line, file, month)
  }
  const samples = isSample ? [{ play, version: last, simulation: await simulate(line, last, code, month) }] : []
  if (isSample) {
    await bring([last])
    count(counts, 'simulated')
  }
  for (const version of versions) take(model, version)
  return samples
}

async function importOne(line: TestLine, file: string, month: string): Promise<void> {
  const taken = await line.importText(file, month)
  assert.notEqual(taken.state, 'refused', JSON.stringify(taken.findings))
  const faults = taken.refused
    .flatMap((one) => one.faults)
    .filter(({ code }) => !['superseded', 'stale_base'].includes(code))
  assert.deepEqual(faults, [], JSON.stringify(taken.refused) + file)
}

/**
 * A file for each system, with an id of its own beside those that came. Of `told` some versions are said as movements;
 * what is told again is told as before.
 */
function filesOf(
  versions: readonly Version[],
  code: Municipality,
  month: string,
  came: string[],
  told?: Played['records'],
  roll?: Dice,
): string[] {
  const files: OrderRecord[][] = []
  for (const version of versions) {
    const full = recordOf(version, textOfCode(code))
    const at = `${version.order} ${version.version}`
    const before = told?.newest.get(version.order)
    const isNewer = Number(before?.['version'] ?? 0) < version.version
    const movement = roll?.(2) === 0 && isNewer && before !== undefined ? movementOf(before, full) : undefined
    const record = told?.said.get(at) ?? movement ?? full
    told?.said.set(at, record)
    if (isNewer) told?.newest.set(version.order, full)
    const file = files.find((one) => one[0]?.source_system === record.source_system)
    if (file === undefined) files.push([record])
    else file.push(record)
  }
  return files.map((file) => {
    const text = orderFile(`FIL-${came.length}`, month, file)
    came.push(text)
    return text
  })
}

function knownOf(model: Model): Known {
  return {
    overpaid: (system, holder) =>
      [...model.decisions.values()]
        .filter((one) => one.system === system)
        .flatMap((one) => [...one.overpaid].map(([text, gross]) => ({ ...(model.keys.get(text) as Key), gross })))
        .filter((one) => one.holder === holder),
    isDecided: (claim) => model.decided.has(claim),
  }
}

/** Histories with twins live where the books are kept alike; the others wherever there is a municipality. */
export async function playsFor(
  line: TestLine,
  seed: number,
  size: { readonly histories: number; readonly twins: number },
): Promise<Played[]> {
  const { municipalities } = line.rates.book
  const common = municipalities.filter((one) => one.taxMethod === 'base_tens_tax_up' && one.batchBooking)
  const paired = common.slice(0, size.twins * 2).map((one) => one.code)
  // Every way of rounding and of booking first.
  const rank = (one: (typeof municipalities)[number]) => (common.includes(one) ? 1 : 0)
  const others = municipalities
    .filter((one) => !paired.includes(one.code))
    .toSorted((a, b) => rank(a) - rank(b))
    .map((one) => one.code)
  const plays: Played[] = []
  for (let i = 0; i * AT_ONE_PLACE < size.histories; i++) {
    const code = (i < size.twins ? paired[i] : others[i - size.twins]) as Municipality
    const twin = i < size.twins ? paired[size.twins + i] : undefined
    const [first, left] = [seed + i * AT_ONE_PLACE * SEEDS_APART, size.histories - i * AT_ONE_PLACE]
    plays.push(await newPlay(line, first, Math.min(left, AT_ONE_PLACE), code, twin))
  }
  return plays
}
