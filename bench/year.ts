/**
 * `--year`: twelve months one after the other on one database, each of N orders of which 30 % are new versions of the
 * month's before. What a month takes must not grow with what lies behind it.
 */
import { join } from 'node:path'
import { correct, SHARE } from './new-versions.ts'
import { benchWorld, generate, MB, measure, type OrdersBench, round, serverSettings } from './orders.ts'

const YEAR = 2026
const MONTHS = 12

export async function benchYear(options: OrdersBench): Promise<Record<string, unknown>> {
  const bench = await benchWorld(options)
  try {
    const months: { month: string; orders: number; seconds: number; stages: Record<string, number>; rss: number }[] = []
    let before: { from: string; month: string } | undefined
    for (let n = 1; n <= MONTHS; n++) {
      const month = `${YEAR}-${String(n).padStart(2, '0')}`
      const folder = join(bench.dataDir, month)
      const ordinary = before === undefined ? options.orders : Math.round(options.orders * (1 - SHARE))
      await generate(bench.root, folder, month, { ...options, orders: ordinary })
      if (before !== undefined) await correct({ ...before, to: folder, next: month })
      const { closing, seconds, stages, peakRss } = await measure(bench, { month, in: folder, json: options.json })
      months.push({ month, orders: closing.orders, seconds: round(seconds), stages, rss: Math.round(peakRss / MB) })
      before = { from: folder, month }
    }
    return {
      bench: 'year',
      municipalities: bench.municipalities.length,
      // The first month has nothing behind it to correct.
      ratio_of_last_to_second: round((months[MONTHS - 1]?.seconds ?? 0) / (months[1]?.seconds ?? 1)),
      peak_rss_mb: Math.max(...months.map((one) => one.rss)),
      months,
      server_settings: await serverSettings(bench),
    }
  } finally {
    await bench.close()
  }
}
