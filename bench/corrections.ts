/**
 * `--corrections`: a month of N settled orders, then a second month of N orders of which 30 % are new versions of the
 * first month's: raised, lowered, ended, moved between months or the same again. Both are measured beside the
 * reference.
 */
import { join } from 'node:path'
import { connect } from '../src/base/db.ts'
import { dayOf } from '../src/base/date.ts'
import { whatIf } from '../src/entry/line/what-if.ts'
import { changedBook, lookup } from '../src/modules/rates/index.ts'
import {
  type BenchWorld,
  benchWorld,
  generate,
  MB,
  measure,
  type OrdersBench,
  round,
  serverSettings,
} from './orders.ts'
import { reference } from './floor.ts'
import { correct, SHARE } from './new-versions.ts'

const [FIRST, SECOND] = ['2026-03', '2026-04'] as const
const REFERENCES = 4

export async function benchCorrections(options: OrdersBench): Promise<Record<string, unknown>> {
  const bench = await benchWorld(options)
  const { owner, dataDir, municipalities } = bench
  const run = async (month: string, folder: string) => {
    const measured = await measure(bench, { month, in: folder, json: options.json })
    await owner.db.run('checkpoint')
    // A floor is the quickest of some: two of the same minute differ by a tenth, as much as what is compared.
    let seconds = Number.POSITIVE_INFINITY
    for (let n = 0; n < REFERENCES; n++) seconds = Math.min(seconds, await reference(owner, measured.closing.orders))
    return { ...measured, reference: seconds, ratio: measured.seconds / seconds }
  }
  try {
    const folders = { first: join(dataDir, 'first'), second: join(dataDir, 'second') }
    await generate(bench.root, folders.first, FIRST, options)
    const ordinary = { ...options, orders: Math.round(options.orders * (1 - SHARE)) }
    await generate(bench.root, folders.second, SECOND, ordinary)
    const corrections = await correct({ from: folders.first, month: FIRST, to: folders.second, next: SECOND })
    // Both months find the same ground: the first bytes that a new cluster writes make its log's files, a third slower.
    await reference(owner, options.orders)
    await owner.db.run('checkpoint')
    const first = await run(FIRST, folders.first)
    const second = await run(SECOND, folders.second)
    const tried = await tryChange(bench, options.orders * ITEMS_TRIED_PER_ORDER)
    const moved = await owner.db.rows<{ place: number; n: number; ore: number }>(
      `select to_place as place, count(*)::int as n, sum(gross_ore)::bigint as ore from item_movements group by 1
       order by 1`,
    )
    return {
      bench: 'corrections',
      orders: second.closing.orders,
      corrections,
      municipalities: municipalities.length,
      seconds: round(second.seconds),
      orders_per_second: Math.round(second.closing.orders / second.seconds),
      stages: second.stages,
      reference_seconds: round(second.reference),
      reference_ratio: round(second.ratio),
      first_month: {
        orders: first.closing.orders,
        seconds: round(first.seconds),
        stages: first.stages,
        reference_ratio: round(first.ratio),
      },
      ratio_to_first_month: round(second.ratio / first.ratio),
      ratio_by_seconds: round(second.seconds / first.seconds),
      first_reference_seconds: round(first.reference),
      whatif_items_per_second: Math.round(tried.items / tried.seconds),
      whatif: {
        items: tried.items,
        passes: tried.passes,
        changed: tried.changed,
        not_reproduced_per_pass: tried.notReproduced,
        seconds: round(tried.seconds),
        peak_rss_mb: Math.round(tried.peakRss / MB),
      },
      peak_rss_mb: Math.round(Math.max(first.peakRss, second.peakRss, tried.peakRss) / MB),
      movements: moved,
      server_settings: await serverSettings(bench),
    }
  } finally {
    await bench.close()
  }
}

/** A million of 200,000 orders: both months have some 600,000, and are gone through again until so many were tried. */
const ITEMS_TRIED_PER_ORDER = 5

/** Another pension rate over everything that was paid, until `most` items were reckoned again. */
async function tryChange({ opened, municipalities }: BenchWorld, most: number) {
  const connection = await connect(opened.url, 'loader', 'bench')
  const rate = { kind: 'rate', name: 'obligatory_pension', from: '2026-01-01', rate_percent: '2.4' } as const
  const line = { connection, rates: opened.rates, folders: { out: '', in: '' }, at: () => undefined }
  const after = lookup(changedBook(opened.rates.book, [rate]))
  const tried = { items: 0, passes: 0, changed: 0, notReproduced: 0, seconds: 0, peakRss: 0 }
  const watch = setInterval(() => {
    tried.peakRss = Math.max(tried.peakRss, process.memoryUsage.rss())
  }, 50)
  const began = process.hrtime.bigint()
  while (tried.items < most) {
    const found = await whatIf(line, { municipalities, since: dayOf(2026, 1, 1), before: opened.rates, after })
    if (found.items === 0) throw new Error('nothing was paid')
    tried.notReproduced = found.not_reproduced
    tried.items += found.items
    tried.changed = found.totals.items
    tried.passes++
  }
  tried.seconds = Number(process.hrtime.bigint() - began) / 1e9
  clearInterval(watch)
  await connection.close()
  return tried
}
