/** `--orders N`: from the first byte of the order files to reconciled, all municipalities, fakes counted apart. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect } from '../src/base/db.ts'
import { fakeRail } from '../src/entry/cli/fake-rail.ts'
import { runVerb } from '../src/entry/cli/run-month.ts'
import { foldersOf, openDatabase, type World } from '../src/entry/cli/world.ts'
import { removeEmbedded } from '../src/adapters/postgres/embedded.ts'
import { bareLine } from './bare.ts'
import { copyFloor, filledTables, indexCount, reference } from './floor.ts'

export interface OrdersBench {
  readonly orders: number
  readonly municipality: string
  /** An empty database that a superuser owns; default: one of its own on the embedded server. */
  readonly database: string | undefined
  readonly json: boolean
}

const SETTINGS = [
  'server_version',
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'shared_buffers',
  'max_wal_size',
  'wal_compression',
  'wal_buffers',
  'checkpoint_timeout',
  'autovacuum',
]
export const MB = 1024 * 1024

/** A scratch database, the fakes, and a folder that is removed with them. */
export interface BenchWorld {
  readonly world: World
  readonly root: string
  readonly dataDir: string
  readonly opened: Awaited<ReturnType<typeof openDatabase>>
  readonly owner: Awaited<ReturnType<typeof connect>>
  readonly fake: Awaited<ReturnType<typeof fakeRail>>
  readonly municipalities: readonly number[]
  close(): Promise<void>
}

export async function benchWorld(options: OrdersBench): Promise<BenchWorld> {
  const dataDir = mkdtempSync(join(tmpdir(), 'toek-bench-'))
  const root = fileURLToPath(new URL('..', import.meta.url))
  const world: World = {
    settings: {
      dataDir,
      databaseUrl: options.database,
      mode: 'demo',
      port: undefined,
      host: '127.0.0.1',
      failpoint: undefined,
    },
    root,
    out: () => true,
    err: process.stderr,
    now: () => Date.now(),
    pid: process.pid,
    user: 'bench',
  }
  const opened = await openDatabase(world, () => undefined)
  const owner = await connect(opened.url, undefined, 'bench')
  const fake = await fakeRail(world, foldersOf(world), opened.rates)
  const all = [...opened.rates.known.municipalities].sort((a, b) => a - b)
  return {
    world,
    root,
    dataDir,
    opened,
    owner,
    fake,
    municipalities: options.municipality === 'all' ? all : [Number(options.municipality)],
    async close() {
      await fake.quit()
      await owner.close()
      await opened.close()
      await removeEmbedded(join(dataDir, 'pg'), () => undefined)
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

export async function benchOrders(options: OrdersBench): Promise<Record<string, unknown>> {
  const bench = await benchWorld(options)
  const { owner, fake, dataDir, municipalities } = bench
  try {
    const month = join(dataDir, 'month')
    await generate(bench.root, month, '2026-03', options)
    // The ground that the floors find: a new cluster makes the files of its log while it is first written.
    await reference(owner, options.orders)
    const measured = await measure(bench, { month: '2026-03', in: month, json: options.json })
    const { closing, seconds } = measured
    const cpu = await fake.get<{ user: number; system: number }>('/cpu')
    const tables = await filledTables(owner)
    const rows = tables.reduce((sum, table) => sum + table.rows, 0)
    await owner.db.run('checkpoint')
    const floor = await copyFloor(owner, tables, closing.orders, dataDir)
    await owner.db.run('checkpoint')
    const bare = await bareLine(owner, bench.opened.url, { tables, orders: closing.orders, dataDir, month })
    await owner.db.run('checkpoint')
    const fixed = await reference(owner, closing.orders)
    return {
      bench: 'orders',
      orders: closing.orders,
      municipalities: municipalities.length,
      seconds: round(seconds),
      orders_per_second: Math.round(closing.orders / seconds),
      stages: measured.stages,
      copy_floor_seconds: round(floor),
      ratio_to_copy_floor: round(seconds / floor),
      bare_line_seconds: round(bare.all),
      bare_line_steps: bare.steps,
      ratio_to_bare_line: round(seconds / bare.all),
      reference_seconds: round(fixed),
      reference_ratio: round(seconds / fixed),
      rows_per_order: round(rows / closing.orders),
      wal_bytes_per_order: Math.round(measured.wal / closing.orders),
      indexes: await indexCount(owner, tables),
      fake_cpu_seconds: round((cpu.user + cpu.system) / 1e6),
      own_cpu_seconds: round(measured.cpu),
      peak_rss_mb: Math.round(measured.peakRss / MB),
      server_settings: await serverSettings(bench),
      tables: Object.fromEntries(tables.map((one) => [one.table, one.rows])),
    }
  } finally {
    await bench.close()
  }
}

export async function serverSettings({ owner }: BenchWorld): Promise<Record<string, string>> {
  const settings = await owner.db.rows<{ name: string; setting: string; unit: string | null }>(
    'select name, setting, unit from pg_settings where name = any($1) order by name',
    [SETTINGS],
  )
  return Object.fromEntries(settings.map((one) => [one.name, `${one.setting}${one.unit ?? ''}`]))
}

/** In a process of its own, as those who send orders are: what it leaves in memory is not the line's. */
export async function generate(
  root: string,
  out: string,
  month: string,
  { municipality, orders }: Pick<OrdersBench, 'municipality' | 'orders'>,
): Promise<void> {
  const what = ['--month', month, '--municipality', municipality, '--seed', '42', '--orders', String(orders)]
  const args = ['--disable-warning=ExperimentalWarning', join(root, 'src/main.ts'), 'generate', ...what, '--out', out]
  const child = spawn(process.execPath, [...args, '--json'], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`the month was not generated: ${code}`)
}

/** Runs a month; throws when it does not end explained. */
export async function measure(
  { world, opened, owner, municipalities }: BenchWorld,
  month: { readonly month: string; readonly in: string; readonly json: boolean },
) {
  await owner.db.run('checkpoint')
  const options = { ...month, municipalities }
  const wal = async () =>
    (await owner.db.first<{ at: number }>(`select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint as at`))?.at ?? 0
  let peakRss = 0
  const watch = setInterval(() => {
    peakRss = Math.max(peakRss, process.memoryUsage.rss())
  }, 50)
  const before = await wal()
  const cpuBefore = process.cpuUsage()
  const began = process.hrtime.bigint()
  const at = (): number => Number(process.hrtime.bigint() - began) / 1e9
  const marks: { stage: string; at: number }[] = []
  const closing = await runVerb(world, opened, options, (stage) => marks.push({ stage, at: at() }))
  const seconds = at()
  const cpu = process.cpuUsage(cpuBefore)
  clearInterval(watch)
  if (closing.unexplained_ore !== 0 || closing.findings.length > 0) throw new Error('the month is not explained')
  const stages = Object.fromEntries(
    marks.map((mark, i) => [mark.stage, round((marks[i + 1]?.at ?? seconds) - mark.at)]),
  )
  return { closing, seconds, stages, peakRss, wal: (await wal()) - before, cpu: (cpu.user + cpu.system) / 1e6 }
}

export function round(value: number): number {
  return Math.round(value * 100) / 100
}
