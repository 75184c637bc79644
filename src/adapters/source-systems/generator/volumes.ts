/**
 * How many orders of which kind. National figures per month at scale 1, spread by population.
 *
 *   KY   225,000 orders: about 270,000 paid lines (benefits and third parties)
 *   KSD  114,000 orders: 44,000 citizens × about 3.6 weeks, 35,000 employees × 2 fortnights × 3.7 lines: 420,000
 *   KP    50,000 orders: about 77,000
 *
 * Together 389,000 orders with about 0.77 M paid lines: the country's 0.7–0.9 M payments a month. One order is one
 * decision, and one payment to its payee may carry several of its lines. Aarhus (6.2 %) is about 24,000 orders.
 */
import type { Municipality } from '../../../base/id.ts'
import { placeOf } from './municipalities.ts'

/** Orders per month in the whole country. Own sizing from public full-time figures; assumed. */
export const NATIONAL = {
  kontanthjaelp: 85_000,
  ressource: 6_000,
  jobafklaring: 14_000,
  ledighed: 15_000,
  fleks: 75_000,
  revalidering: 2_000,
  tabt: 6_000,
  enkelt: 18_000,
  medicin: 4_000,
  sygedagpenge: 44_000,
  employees: 35_000,
  personligt: 15_000,
  helbred: 22_000,
  briller: 6_000,
  tandlaege: 7_000,
} as const

export type Counts = { readonly [K in keyof typeof NATIONAL]: number }

/** Rounded cumulatively, so that small places get their share in total and not fifteen roundings. */
export function countsFor(share: number, scale: number): Counts {
  const counts: Record<string, number> = {}
  let exact = 0
  let given = 0
  for (const [kind, national] of Object.entries(NATIONAL)) {
    exact += national * share * scale
    const count = Math.round(exact) - given
    given += count
    counts[kind] = count
  }
  return counts as unknown as Counts
}

/** How many suspected duplicates, and as many vouched ones, come on top of so many orders: a handful. */
export function duplicatesAmong(orders: number): number {
  return orders < 500 ? 0 : Math.max(1, Math.round(orders / 4000))
}

export function kyOrders(counts: Counts): number {
  return kyRunning(counts) + counts.enkelt + counts.medicin
}

export function kyRunning(counts: Counts): number {
  const { kontanthjaelp, ressource, jobafklaring, ledighed, fleks, revalidering, tabt } = counts
  return kontanthjaelp + ressource + jobafklaring + ledighed + fleks + revalidering + tabt
}

export function ksdOrders(counts: Counts): number {
  return counts.sygedagpenge + counts.employees * 2
}

export function kpOrders(counts: Counts): number {
  return counts.personligt + counts.helbred + counts.briller + counts.tandlaege
}

/**
 * Orders of a municipality at scale 1, duplicates not counted: Aarhus about 24,000, København about 43,000, Læsø about
 * 110. 0 for an unknown municipality.
 */
export function ordersAtScale1(code: Municipality): number {
  const counts = countsFor(placeOf(code)?.share ?? 0, 1)
  return kyOrders(counts) + ksdOrders(counts) + kpOrders(counts)
}
