/** A small month that has every kind of answer in it, and what must be equal between two runs of it. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateMonth } from '../../src/adapters/source-systems/generator/index.ts'
import {
  type Ended,
  type Env,
  fakeBooks,
  filesUnder,
  type Place,
  type Running,
  scratch,
  sql,
  start,
  toek,
} from './program.ts'

export const MONTH = '2026-03'

export interface Month {
  readonly folder: string
  /** As `--municipality` takes them. */
  readonly municipalities: string
}

/** Last four digits that make the fake refuse (2, 7), take to the waiting account (8) or send back (9). */
const SENTINELS = ['9902', '9907', '9908', '9909']

/** About `orders` orders in two small municipalities; in each, four citizens whose payment goes another way. */
export async function smallMonth(orders = 300, seed = 7): Promise<Month> {
  const folder = scratch('month')
  await generateMonth({ month: MONTH, municipalities: [825, 741], scale: 1, seed, out: folder, orders })
  for (const municipality of ['0825', '0741']) setSentinels(folder, municipality)
  return { folder, municipalities: '0825,0741' }
}

function setSentinels(folder: string, municipality: string): void {
  const ky = readFileSync(join(folder, `${municipality}-KY-${MONTH}.ndjson`), 'utf8')
  const citizens = [...new Set(ky.match(/(?<="id":")\d{10}(?=")/g))].slice(0, SENTINELS.length)
  for (const name of readdirSync(folder).filter((one) => one.startsWith(municipality))) {
    let text = readFileSync(join(folder, name), 'utf8')
    for (const [i, cpr] of citizens.entries()) text = text.replaceAll(cpr, cpr.slice(0, 6) + SENTINELS[i])
    writeFileSync(join(folder, name), text)
  }
}

export function runArgs(month: Month): string[] {
  return ['run', '--month', MONTH, '--municipality', month.municipalities, '--in', month.folder, '--json']
}

export function startRun(place: Place, month: Month, env: Env = {}): Running {
  return start(place, runArgs(month), env)
}

export function run(place: Place, month: Month, env: Env = {}): Promise<Ended> {
  return toek(place, runArgs(month), env)
}

export interface ClearingAccount {
  readonly municipality: number
  readonly purpose: string
  readonly balance_ore: number
  readonly explained_ore: number
}

export interface Finding {
  readonly municipality: number
  readonly what: string
  readonly ref: string
  readonly detail: string
}

export interface Closing {
  readonly orders: number
  readonly orders_refused: number
  readonly payments_sent: number
  readonly payments_accepted: number
  readonly payments_returned: number
  readonly net_ore: number
  readonly bank_ore: number
  readonly unexplained_ore: number
  readonly clearing_accounts: readonly ClearingAccount[]
  readonly findings: readonly Finding[]
  readonly ledger_head: string
  readonly files: readonly { readonly name: string; readonly sha256: string }[]
}

/** What a run leaves for others to see. */
export interface Outcome {
  readonly closing: Closing
  /** Files to the outside: path → hash. */
  readonly out: Record<string, string>
  /** Names of what came from the outside; when a file was read is told in it, and may differ by a day. */
  readonly in: readonly string[]
  readonly ms: number
  /** Undefined: on a server of its own. */
  readonly url: string | undefined
}

export function closingOf(ended: Ended): Closing {
  assert.notEqual(ended.out, '', `the run says nothing; exit ${ended.code} ${ended.signal}\n${ended.err}`)
  return JSON.parse(ended.out) as Closing
}

export function outcome(place: Place, ended: Ended): Outcome {
  const closing = closingOf(ended)
  assert.equal(ended.code, 0, `exit ${ended.code}\n${ended.err}\n${JSON.stringify(closing.findings)}`)
  const folder = (name: string): Record<string, string> => filesUnder(join(place.dataDir, name))
  return { closing, out: folder('out'), in: Object.keys(folder('in')), ms: ended.ms, url: place.url }
}

/** Names of the files that only one of the two has, or that have other bytes. */
function different(a: Record<string, string>, b: Record<string, string>): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name])
}

/** Equal to the øre and the byte, and nobody was paid twice. */
export async function sameAs(reference: Outcome, place: Place, ended: Ended, what: string): Promise<void> {
  const found = outcome(place, ended)
  assert.deepEqual(found.closing, reference.closing, `${what}: the closing table`)
  assert.deepEqual(different(found.out, reference.out), [], `${what}: files to the outside`)
  assert.deepEqual(found.in, reference.in, `${what}: what rail and bank answered`)
  if (place.url !== undefined && reference.url !== undefined) {
    assert.deepEqual(await findingsOf(place.url), await findingsOf(reference.url), `${what}: what the gate found`)
  }
  const books = await fakeBooks(place)
  assert.equal(books.doubles, 0, `${what}: ${JSON.stringify(books.faults)}`)
  assert.deepEqual(books.faults, [], what)
  assert.equal(books.totals.received, reference.closing.payments_sent, what)
}

/** What was found of the runs; there is something, or the comparison says nothing. */
async function findingsOf(url: string): Promise<unknown[]> {
  const found = await sql(url, 'select * from run_findings order by municipality_code, run_no, finding_no')
  assert.ok(found.length > 0)
  return found
}

export interface Verdict {
  readonly ok: boolean
  readonly first_bad?: {
    readonly municipality: string
    readonly batch: number
    readonly entry: number
    readonly what: string
  }
  readonly head: string
}

export async function verify(place: Place): Promise<Verdict & { readonly code: number | null }> {
  const { code, out, err } = await toek(place, ['verify', '--municipality', '0825,0741', '--json'])
  assert.notEqual(out, '', err)
  return { code, ...(JSON.parse(out) as Verdict) }
}

/** The ledger of a place agrees with its digests, its seals and what was sent. */
export async function verified(place: Place): Promise<void> {
  const { code, ok, first_bad: bad } = await verify(place)
  assert.deepEqual({ code, ok, bad }, { code: 0, ok: true, bad: undefined })
}

/** Rows whose place in the table (ctid) and transaction (xmin) show whether work was done again. */
const KEPT = [
  'intakes',
  'work_batches',
  'work_done',
  'ledger_batches',
  'seals',
  'payment_runs',
  'payment_run_steps',
  'run_findings',
  'received_files',
  'deliveries',
  'deliveries_sent',
]

/** Every row of work that is committed: key → which transaction wrote it, and where it lies. */
export async function committed(url: string): Promise<Map<string, string>> {
  const parts = KEPT.map((table) => `select '${table}' || ctid::text as key, xmin::text as by from ${table}`)
  const rows = await sql<{ key: string; by: string }>(url, parts.join(' union all '))
  return new Map(rows.map((row) => [row.key, row.by]))
}

export function nothingDoneAgain(before: Map<string, string>, after: Map<string, string>, what: string): void {
  for (const [key, by] of before) assert.equal(after.get(key), by, `${what}: ${key} was written again`)
}

/** A small generator of numbers in [0, 1) from a seed, for moments that can be had again. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
