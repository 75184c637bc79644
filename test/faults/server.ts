/** Histories of one month in which the embedded database server is killed. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findCluster } from '../../src/adapters/postgres/cluster.ts'
import { removeEmbedded } from '../../src/adapters/postgres/embedded.ts'
import { readPostmaster } from '../../src/adapters/postgres/server.ts'
import { type Month, type Outcome, run, sameAs, startRun, verified } from './month.ts'
import { type Place, quitFake } from './program.ts'

/** The program must have noticed the dead server after this many milliseconds. */
const LONGEST_NOTICE_MS = 30_000

export interface Moment {
  readonly what: string
  /** How many files must lie in a folder of what goes out. */
  readonly folder: string
  readonly files: number
  /** Milliseconds after that. */
  readonly delay: number
}

/** The postmaster's process and those of its children. */
function serverProcesses(dataDir: string): number[] {
  const cluster = findCluster(join(dataDir, 'pg'))
  const postmaster = cluster === undefined ? undefined : readPostmaster(cluster)
  if (postmaster?.status !== 'ready') return []
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const children = rows.filter(([, parent]) => parent === postmaster.pid).map(([pid]) => pid as number)
  // A killed server leaves its file behind, and that still says that it is ready.
  return rows.some(([pid]) => pid === postmaster.pid) && children.length > 0 ? [postmaster.pid, ...children] : []
}

function reached(place: Place, moment: Moment): boolean {
  if (serverProcesses(place.dataDir).length === 0) return false
  const folder = join(place.dataDir, 'out', moment.folder)
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => !name.endsWith('.tmp')).length : 0
  return files >= moment.files
}

/** A child of the server may have ended by itself since it was listed. */
function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** One history: at each moment the server and all its children are killed, and the program is started again. */
export async function serverKilledAt(
  place: Place,
  month: Month,
  reference: Outcome,
  moments: readonly Moment[],
): Promise<void> {
  for (const moment of moments) {
    const running = startRun(place, month)
    let over = false
    void running.ended.then(() => {
      over = true
    })
    while (!over && !reached(place, moment)) await new Promise((done) => setTimeout(done, 10))
    await new Promise((done) => setTimeout(done, moment.delay))
    assert.ok(!over, `the run ended before it was ${moment.what}`)
    const killed = performance.now()
    const pids = serverProcesses(place.dataDir)
    assert.ok(pids.length > 1, moment.what)
    for (const pid of pids) endNow(pid)
    const ended = await running.ended
    const noticed = performance.now() - killed
    assert.ok(ended.code !== 0 && ended.code !== null, `${moment.what}: exit ${ended.code} ${ended.err}`)
    assert.match(ended.err, /connection|database/i, moment.what)
    assert.doesNotMatch(ended.err, /\n {4}at /, `${moment.what}: a stack is no sentence`)
    assert.ok(noticed < LONGEST_NOTICE_MS, `${moment.what}: noticed after ${noticed} ms`)
  }
  await sameAs(reference, place, await run(place, month), 'after the server was killed')
  await verified(place)
}

/** A copy of a data folder whose server is stopped, as a backup of the files would be. */
export async function copyStopped(place: Place, to: string): Promise<Place> {
  assert.deepEqual(serverProcesses(place.dataDir), [], 'the last program out stops the server')
  await quitFake(place.dataDir)
  // Owners too: as root the server runs as another account.
  const copied = spawnSync('cp', ['-a', `${place.dataDir}/.`, to])
  assert.equal(copied.status, 0)
  rmSync(join(to, 'books/fake.json'), { force: true })
  return { url: undefined, dataDir: to }
}

export async function removeServer(dataDir: string): Promise<void> {
  await removeEmbedded(join(dataDir, 'pg'), () => undefined)
}
