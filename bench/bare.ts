/**
 * The bare line: what no program that does this month with these tables can leave out, and nothing else. Two lanes side
 * by side, as the line has workers, each with its half:
 *   read     every order and fact file: its bytes, their hash, each line by JSON.parse
 *   copy in  the very rows that the line produced, encoded beforehand, 5,000 orders a commit, into tables as ours
 *   copy out once the tables that later stages go on from; not one field is looked at
 *   files    as many bytes written as the line wrote, with fsync and rename; those that came read by saxes
 * Nothing is checked, calculated, joined, searched, encoded or reconciled, and no fake runs beside it.
 */
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Connection } from '../src/base/db.ts'
import { commitsOf, dropRows, type Kept, keepRows, type TableRows } from './floor.ts'

export const LANES = 2

export interface BareWork {
  readonly lane: number
  readonly url: string
  readonly kept: readonly Kept[]
  readonly commits: number
  /** Files of lines, files to be written anew, and files of XML. */
  readonly read: readonly string[]
  readonly write: readonly string[]
  readonly xml: readonly string[]
}

export interface BareSeconds {
  /** From the first byte to the last row of the slower lane. */
  readonly all: number
  /** Of the first lane. */
  readonly steps: Readonly<Record<string, number>>
}

export async function bareLine(
  owner: Connection,
  url: string,
  { tables, orders, dataDir, month }: { tables: readonly TableRows[]; orders: number; dataDir: string; month: string },
): Promise<BareSeconds> {
  const commits = commitsOf(orders)
  const kept = await keepRows(owner, tables, commits, dataDir)
  const files = { read: filesIn(month), write: filesIn(join(dataDir, 'out')), xml: filesIn(join(dataDir, 'in')) }
  const lanes = Array.from({ length: LANES }, (_, lane) => {
    const workerData: BareWork = { lane, url, kept, commits, ...files }
    return new Worker(new URL('./bare-lane.ts', import.meta.url), { workerData })
  })
  // Each is connected and compiled before the time begins.
  await Promise.all(lanes.map((lane) => once(lane, 'message')))
  const began = process.hrtime.bigint()
  const ended = lanes.map((lane) => once(lane, 'message') as Promise<[BareSeconds['steps']]>)
  for (const lane of lanes) lane.postMessage('go')
  const [first] = await Promise.all(ended)
  const all = Number(process.hrtime.bigint() - began) / 1e9
  await Promise.all(lanes.map((lane) => lane.terminate()))
  await dropRows(owner, kept)
  return { all, steps: first?.[0] ?? {} }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .sort()
}
