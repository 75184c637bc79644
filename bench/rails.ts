/**
 * `--rails`: release, write and take back the answers and statements of a day of N payments, half of them in a
 * municipality whose bank books bundles, half in one whose bank books payment by payment. What is due is laid into the
 * database beforehand: what orders cost is measured by `--orders`.
 */
import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { SaxesParser } from 'saxes'
import { statementReader } from '../src/adapters/bank/index.ts'
import { answerReader } from '../src/adapters/nemkonto/index.ts'
import { type Period, day, parseMonth } from '../src/base/date.ts'
import type { Connection } from '../src/base/db.ts'
import type { Municipality } from '../src/base/id.ts'
import { foldersOf } from '../src/entry/cli/world.ts'
import { startPool } from '../src/entry/line/pool.ts'
import { readThrough } from '../src/entry/line/read-in-place.ts'
import { listIncoming } from '../src/entry/line/incoming.ts'
import { fileIdOf, type PaymentRun } from '../src/modules/payments/index.ts'
import { nextBankDay, type RateReader } from '../src/modules/rates/index.ts'
import { copyFloor, filledTables } from './floor.ts'
import { type BenchWorld, benchWorld, MB, type OrdersBench, round, serverSettings } from './orders.ts'

const [MONTH, DISPOSITION] = ['2026-03', '2026-03-31'] as const
/** Tax-free, so that a payment is its gross. */
const BENEFIT = 'personligt_tillaeg'
const ACTORS = { planner: 'planlægger', approver: 'godkender' }
/** Payments of each thousand whom the rail refuses, and whose money comes back. */
const [REFUSED, RETURNED] = ['9907', '9909'] as const

/** Filled by answers and statements alone, but for a few rows of the release in the ledger's. */
const BOOKED = 'accepted_payments,payment_answers,payment_returns,statement_entries,received_files,transfers,entries'

export async function benchRails(
  options: OrdersBench & { readonly payments: number },
): Promise<Record<string, unknown>> {
  const bench = await benchWorld(options)
  const { opened, owner, fake, dataDir, world } = bench
  const rows = opened.rates.book.municipalities
  const pick = (whole: boolean) => rows.find((row) => row.batchBooking === whole)?.code ?? 0
  const municipalities = [pick(true), pick(false)]
  const folders = foldersOf(world)
  const pool = startPool({ url: opened.url, book: opened.rates.book, folders, who: 'bench' })
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 50)
  try {
    for (const [i, code] of municipalities.entries()) {
      const n = i === 0 ? Math.ceil(options.payments / 2) : Math.floor(options.payments / 2)
      await layDue(owner, opened.rates, code, n)
    }
    await owner.db.run('vacuum analyze calculations')
    await owner.db.run('vacuum analyze parties')
    await owner.db.run('checkpoint')
    const month = parseMonth(MONTH) as Period
    const runs = new Map<Municipality, PaymentRun[]>()
    const seconds: Record<string, number> = {}
    const step = async (name: string, each: (municipality: Municipality) => Promise<unknown>): Promise<void> => {
      const began = process.hrtime.bigint()
      await Promise.all(municipalities.map(each))
      seconds[name] = Number(process.hrtime.bigint() - began) / 1e9
    }
    await step('assemble', async (municipality) => {
      runs.set(municipality, await pool.do({ kind: 'assemble', municipality, month, actors: ACTORS }))
    })
    await owner.db.run('analyze payments, payment_parts, payment_runs, payment_sums, payment_bundles')
    await step('write', (municipality) =>
      pool.do({ kind: 'pay', municipality, runs: runs.get(municipality) ?? [], month, actors: ACTORS }),
    )
    await fake.exchange(day(DISPOSITION))
    const answers = (await listIncoming(folders.in)).answers
    await step('answers', (municipality) => {
      const own = (runs.get(municipality) ?? []).map((run) => ({
        run,
        names: answers.get(fileIdOf(municipality, run.runNo)) ?? [],
      }))
      return pool.do({ kind: 'answers', municipality, runs: own, month })
    })
    await fake.dayEnd(day(DISPOSITION))
    await fake.dayEnd(nextBankDay(day(DISPOSITION)))
    const { statements } = await listIncoming(folders.in)
    await step('statements', (municipality) => {
      const units = opened.rates.book.units.filter((unit) => unit.municipality === municipality)
      const names = units.flatMap((unit) => statements.get(unit.debitAccount) ?? [])
      return pool.do({ kind: 'statements', municipality, month, names, alone: false })
    })
    clearInterval(watch)
    await pool.close()
    await checkDay(owner, options.payments)
    const of = (name: string): number => seconds[name] ?? 0
    const parse = await parseSeconds(folders.in)
    const write = await writeFloor(owner, join(folders.out, 'nemkonto'), join(dataDir, 'floor.bin'))
    const tables = (await filledTables(owner)).filter((one) => BOOKED.split(',').includes(one.table))
    await owner.db.run('checkpoint')
    const floor = await copyFloor(owner, tables, options.payments, dataDir)
    return {
      bench: 'rails',
      payments: options.payments,
      payments_per_second: Object.fromEntries(
        Object.entries(seconds).map(([name, took]) => [name, Math.round(options.payments / took)]),
      ),
      seconds: Object.fromEntries(Object.entries(seconds).map(([name, took]) => [name, round(took)])),
      write_floor_seconds: round(write),
      write_ratio: round(of('write') / write),
      parse_seconds: round(parse.ours),
      saxes_seconds: round(parse.bare),
      parse_ratio: round(parse.ours / parse.bare),
      copy_floor_seconds: round(floor),
      book_ratio: round((of('answers') + of('statements')) / floor),
      peak_rss_mb: Math.round(peak / MB),
      incoming_mb: round(parse.bytes / MB),
      rows_booked: Object.fromEntries(tables.map((one) => [one.table, one.rows])),
      server_settings: await serverSettings(bench as BenchWorld),
    }
  } finally {
    clearInterval(watch)
    await pool.close().catch(() => undefined)
    await bench.close()
  }
}

/** Calculated items of so many citizens, due on the day; all invented: day of birth + 60. */
async function layDue(owner: Connection, rates: RateReader, code: Municipality, payments: number): Promise<void> {
  const on = day(DISPOSITION)
  const rule = rates.benefitByKey(BENEFIT, on)
  const unit = rates.unit(code, rule.unitKind, on)
  const values = [code, payments, rule.benefit, unit.unit, unit.se, rule.nemKontoKind]
  await owner.transaction([code], async (tx) => {
    await tx.run(
      `insert into parties select $1::smallint, 16777216 + n, 0,
         lpad((61 + n % 30)::text, 2, '0') || lpad((1 + n / 30 % 12)::text, 2, '0') || lpad((n / 360 % 100)::text, 2, '0')
           || case when n < 36000 and n % 1000 = 1 then '${REFUSED}' when n < 36000 and n % 1000 = 2 then '${RETURNED}'
             else lpad((1000 + n / 36000)::text, 4, '0') end
       from generate_series(1, $2::int) n`,
      [code, payments],
    )
    await tx.run(`insert into work_batches values ($1, 1, 'calculate', 'calculate 1', '${MONTH}-01T06:00:00Z', '{}')`, [
      code,
    ])
    await tx.run(`insert into work_done values ($1, 1, '{}')`, [code])
    await tx.run(
      `insert into calculations select $1::smallint, 16777216 + n, 1, 1, 3, $3::smallint, 100000 + n % 900000, 0, 0, 0, 0, 0,
         100000 + n % 900000, 0, 0, 0, 0, 0, 0, 0, 0, $5::int, 0, 16777216 + n, '${DISPOSITION}', $4::int, $6
       from generate_series(1, $2::int) n`,
      values,
    )
  })
}

/** Throws when not everything was answered and booked: then the figures mean nothing. */
async function checkDay(owner: Connection, payments: number): Promise<void> {
  const row = await owner.db.first<{ sent: number; answered: number; unmatched: number; settled: number }>(
    `select (select sum(payments) from payment_runs)::int as sent,
       ((select coalesce(sum(payments), 0) from accepted_payments)
         + (select count(*) from payment_answers where answer in (2, 7)))::int as answered,
       (select count(*) from statement_entries where match = 'unmatched')::int as unmatched,
       (select count(*) from statement_entries where match = 'settled')::int as settled`,
  )
  if (row?.sent !== payments || row.answered !== payments || row.unmatched > 0 || row.settled === 0) {
    throw new Error(`the day is not explained: ${JSON.stringify(row)}`)
  }
}

/** Seconds of reading everything that came: as we do, and a bare pass of the same parser. */
async function parseSeconds(folder: string): Promise<{ ours: number; bare: number; bytes: number }> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.xml'))
  const time = async (read: (path: string, name: string) => Promise<unknown>): Promise<number> => {
    const began = process.hrtime.bigint()
    for (const name of names) await read(join(folder, name), name)
    return Number(process.hrtime.bigint() - began) / 1e9
  }
  let bytes = 0
  const bare = await time(async (path) => {
    const parser = new SaxesParser({ xmlns: false, position: false })
    const decoder = new TextDecoder('utf-8', { fatal: true })
    const read = await readThrough(path, {
      write: (piece) => void parser.write(decoder.decode(piece, { stream: true })),
    })
    parser.close()
    bytes += read.bytes
  })
  const nothing = (): void => undefined
  const ours = await time(async (path, name) => {
    const reader = name.startsWith('NKS-')
      ? answerReader({ header: nothing, answer: nothing })
      : statementReader({ entry: nothing })
    await readThrough(path, reader)
    if (!reader.finish().whole) throw new Error(`${name} is not whole`)
  })
  return { ours, bare, bytes }
}

/** Seconds of COPY TO of the rows that the files are made of, and of writing the same bytes with fsync. */
async function writeFloor(owner: Connection, folder: string, scratch: string): Promise<number> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.xml'))
  const bytes = files.map((name) => readFileSync(join(folder, name)))
  const began = process.hrtime.bigint()
  await owner.db.copyOut(`select p.payment_id, p.unit, p.amount_ore, p.rail_kind, y.type, y.identifier from payments p
    join parties y on y.municipality_code = p.municipality_code and y.party_id = p.payee
    order by p.municipality_code, p.payment_id`)
  for (const one of bytes) {
    const handle = openSync(scratch, 'w')
    writeSync(handle, one)
    fsyncSync(handle)
    closeSync(handle)
  }
  return Number(process.hrtime.bigint() - began) / 1e9
}
