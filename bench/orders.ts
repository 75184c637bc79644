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
const MB = 1024 * 1024

export async function benchOrders(options: OrdersBench): Promise<Record<string, unknown>> {
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
  try {
    const chosen = options.municipality === 'all' ? 'all' : [Number(options.municipality)]
    const month = join(dataDir, 'month')
    await generate(root, month, options)
    await owner.db.run('checkpoint')
    const municipalities = chosen === 'all' ? [...opened.rates.known.municipalities].sort((a, b) => a - b) : chosen
    const measured = await measure(
      world,
      opened,
      { month: '2026-03', municipalities, in: month, json: options.json },
      owner,
    )
    const { closing, seconds } = measured
    if (closing.unexplained_ore !== 0 || closing.findings.length > 0) throw new Error('the month is not explained')
    const cpu = await fake.get<{ user: number; system: number }>('/cpu')
    const tables = await filledTables(owner)
    const rows = tables.reduce((sum, table) => sum + table.rows, 0)
    await owner.db.run('checkpoint')
    const floor = await copyFloor(owner, tables, closing.orders, dataDir)
    await owner.db.run('checkpoint')
    const fixed = await reference(owner, closing.orders)
    const settings = await owner.db.rows<{ name: string; setting: string; unit: string | null }>(
      'select name, setting, unit from pg_settings where name = any($1) order by name',
      [SETTINGS],
    )
    return {
      bench: 'orders',
      orders: closing.orders,
      municipalities: municipalities.length,
      seconds: round(seconds),
      orders_per_second: Math.round(closing.orders / seconds),
      stages: measured.stages,
      copy_floor_seconds: round(floor),
      ratio_to_copy_floor: round(seconds / floor),
      reference_seconds: round(fixed),
      reference_ratio: round(seconds / fixed),
      rows_per_order: round(rows / closing.orders),
      wal_bytes_per_order: Math.round(measured.wal / closing.orders),
      indexes: await indexCount(owner, tables),
      fake_cpu_seconds: round((cpu.user + cpu.system) / 1e6),
      own_cpu_seconds: round(measured.cpu),
      peak_rss_mb: Math.round(measured.peakRss / MB),
      server_settings: Object.fromEntries(settings.map((one) => [one.name, `${one.setting}${one.unit ?? ''}`])),
      tables: Object.fromEntries(tables.map((one) => [one.table, one.rows])),
    }
  } finally {
    await fake.quit()
    await owner.close()
    await opened.close()
    await removeEmbedded(join(dataDir, 'pg'), () => undefined)
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** In a process of its own, as those who send orders are: what it leaves in memory is not the line's. */
async function generate(root: string, out: string, { municipality, orders }: OrdersBench): Promise<void> {
  const what = ['--month', '2026-03', '--municipality', municipality, '--seed', '42', '--orders', String(orders)]
  const args = ['--disable-warning=ExperimentalWarning', join(root, 'src/main.ts'), 'generate', ...what, '--out', out]
  const child = spawn(process.execPath, [...args, '--json'], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`the month was not generated: ${code}`)
}

async function measure(
  world: World,
  opened: Awaited<ReturnType<typeof openDatabase>>,
  options: Parameters<typeof runVerb>[2],
  owner: Awaited<ReturnType<typeof connect>>,
) {
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
  const stages = Object.fromEntries(
    marks.map((mark, i) => [mark.stage, round((marks[i + 1]?.at ?? seconds) - mark.at)]),
  )
  return { closing, seconds, stages, peakRss, wal: (await wal()) - before, cpu: (cpu.user + cpu.system) / 1e6 }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
