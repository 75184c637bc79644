/**
 * A generated month of one municipality on two rails, in which NemKonto and the bank do all that they can do wrong.
 * What is done to whom is drawn from the seed.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateMonth } from '../../src/adapters/source-systems/generator/index.ts'
import { formatDay } from '../../src/base/date.ts'
import { type Municipality, municipalityText } from '../../src/base/id.ts'
import { endToEndIdOf, fileIdOf, type PaymentRun, readRuns } from '../../src/modules/payments/index.ts'
import { type Dice, diceOf } from './dice.ts'
import { factFile } from './files.ts'
import { refreshStatistics, type TestLine } from './line.ts'
import { accountOf } from './local-facts.ts'
import { approveWaiting } from './play-rules.ts'

export const MONTH = '2026-03'
/** Its bank books payment by payment, so that there is a bank line for each. */
const MUNICIPALITY: Municipality = 751

/** Of an answer file with more than these, so many come first. */
const ANSWERED_FIRST = 1_000

export interface FaultedMonth {
  readonly code: Municipality
  readonly seed: number
  /** Runs by what is done to their files. */
  readonly runs: Readonly<Record<RunMisdeed, PaymentRun>>
  /** The three lines that nobody can place: an answer without meaning, one about nothing of ours, a nameless line. */
  readonly unknown: string
  readonly nameless: string
}

/**
 * - `partial`: 1,000 of its answers come, the rest later, with one about a payment that we never sent
 * - `late`: its answers come after the statement
 * - `torn`: half of its answers come, then all
 * - `refused`: the bank refuses the file for a technical fault, and takes it when it goes again
 * - `refused_by_form`: NemKonto refuses it for its form, and a person sends it again
 * - `closed`: the rail closes before it has read the file
 * - `twice`: its answers come twice
 * - `unknown`: the bank answers half of it, and one of them in a word that nobody knows
 */
export type RunMisdeed = 'partial' | 'late' | 'torn' | 'refused' | 'refused_by_form' | 'closed' | 'twice' | 'unknown'

/** Orders are taken in, and the month's runs wait for their approval. */
export async function faultedMonth(line: TestLine, orders: number, seed: number): Promise<FaultedMonth> {
  const code = MUNICIPALITY
  const roll = diceOf(seed)
  const folder = mkdtempSync(join(tmpdir(), 'toek-faulted-'))
  try {
    await generateMonth({ month: MONTH, municipalities: [code], scale: 1, seed, out: folder, orders })
    await takeIn(line, folder, code, roll)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  await refreshStatistics(line)
  await line.runMonth(MONTH, [code], 'waits')
  const all = await line.loader.transaction([code], (tx) => readRuns(tx, code))
  const runs = chosenRuns(all, roll)
  const numbers = (run: PaymentRun): string => endToEndIdOf(code, run.runNo * 2 ** 24 + 1 + roll(run.payments))
  const month = { code, seed, runs, unknown: numbers(runs.unknown), nameless: numbers(runs.twice) }
  await plant(line, month)
  return month
}

/** Facts first; NemKonto pays what KY and KP decide, the bank what KSD does. */
async function takeIn(line: TestLine, folder: string, code: Municipality, roll: Dice): Promise<void> {
  const place = municipalityText(code)
  const rule = { record: 'rail', municipality: place, unit: 'sygedagpenge', rail: 'bank_account' }
  const rules = factFile(`VEJE-${place}`, place, MONTH, [{ ...rule, valid_from: '2026-01-01' }])
  await line.importText(rules, MONTH)
  await approveWaiting(line, code, 'bo', MONTH)
  const names = readdirSync(folder).sort((a, b) => Number(b.includes('FAKTA')) - Number(a.includes('FAKTA')))
  const texts = names.map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const)
  const fates = fatesOf(texts, roll)
  const citizen = new RegExp([...fates.keys()].join('|'), 'g')
  for (const [, text] of texts) {
    await line.importText(
      text.replace(citizen, (cpr) => fates.get(cpr) as string),
      MONTH,
    )
  }
}

/** Formal error, no account, waiting account, back after acceptance (a closed account), accepted with a warning. */
const SENTINELS = ['9902', '9907', '9908', '9909', '9910']
const CITIZENS_EACH = 4

/** In each source system some citizens of each kind, by the numbers that the fake knows them by. */
function fatesOf(texts: readonly (readonly [string, string])[], roll: Dice): Map<string, string> {
  const fates = new Map<string, string>()
  const used = new Set<string>()
  for (const [name, text] of texts) {
    if (name.includes('FAKTA')) continue
    const citizens = [...new Set(text.match(/(?<="beneficiary":\{"type":"cpr","id":")\d{10}(?=")/g))]
    for (const sentinel of SENTINELS) {
      for (let n = 0; n < CITIZENS_EACH && citizens.length > 0; n++) {
        const [cpr = ''] = citizens.splice(roll(citizens.length), 1)
        const as = cpr.slice(0, 6) + sentinel
        if (fates.has(cpr) || used.has(as)) continue
        used.add(as)
        fates.set(cpr, as)
      }
    }
  }
  return fates
}

function chosenRuns(all: readonly PaymentRun[], roll: Dice): FaultedMonth['runs'] {
  const bySize = (rail: string): PaymentRun[] =>
    all.filter((run) => (run.rail === 'nemkonto') === (rail === 'nemkonto')).sort((a, b) => b.payments - a.payments)
  const [largest, ...rest] = bySize('nemkonto')
  const [bank, other] = bySize('bank_account')
  const draw = (): PaymentRun => rest.splice(roll(rest.length), 1)[0] as PaymentRun
  // The second largest of NemKonto's: its statement has a line for each, too.
  const twice = rest.shift() as PaymentRun
  return {
    partial: largest as PaymentRun,
    twice,
    late: draw(),
    torn: draw(),
    closed: draw(),
    refused_by_form: draw(),
    refused: other as PaymentRun,
    unknown: bank as PaymentRun,
  }
}

async function plant(line: TestLine, { code, runs, unknown, nameless }: FaultedMonth): Promise<void> {
  const misbehave = (body: unknown): Promise<void> => line.rail.post('/misbehave', body)
  const file = (run: PaymentRun): string => fileIdOf(code, run.runNo)
  const wrong = (how: string, of: string, more = {}): Promise<void> => misbehave({ wrong: { how, of, ...more } })
  await wrong('partial', file(runs.partial), { count: Math.min(ANSWERED_FIRST, runs.partial.payments >> 1) })
  await wrong('stray', file(runs.partial))
  await wrong('withheld', file(runs.late))
  await wrong('torn', file(runs.torn))
  await wrong('closed', file(runs.closed))
  await wrong('twice', file(runs.twice))
  await wrong('partial', file(runs.unknown), { count: runs.unknown.payments >> 1 })
  await wrong('unknown_code', unknown)
  await wrong('nameless', nameless)
  await misbehave({ refuse_file: { run: file(runs.refused), reason: 'AB08', times: 1 } })
  await misbehave({ refuse_file: { run: file(runs.refused_by_form), reason: 'FORMAL', times: 1 } })
  const place = municipalityText(code)
  const on = (run: PaymentRun) => ({ on: formatDay(run.dispositionDate) })
  const [benefits, sickness] = ['ydelser', 'sygedagpenge'].map((name) => accountOf(place, name)) as [string, string]
  await wrong('torn', benefits, on(runs.torn))
  await wrong('withheld', benefits, on(runs.twice))
  await wrong('unbalanced', benefits, on(runs.partial))
  await wrong('twice', sickness, on(runs.refused))
  await wrong('gap', sickness, on(runs.unknown))
}
