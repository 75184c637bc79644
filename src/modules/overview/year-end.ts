/** Claims that become claims before tax when the year ends, unless they are paid before. */
import type { Db } from '../../base/db.ts'
import { civil, type Day, dayOf } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { crossYear, netClaimsAt, readItems } from '../items/index.ts'
import { SOURCE_SYSTEMS, type SourceSystem } from '../orders/index.ts'
import type { RateReader } from '../rates/index.ts'

export interface YearEndClaim {
  readonly source: SourceSystem
  readonly claimKey: string
  /** What is left of it now, without tax, and what that is before tax from the day on. */
  readonly left: Ore
  readonly gross: Ore
  readonly on: Day
}

/** The months in which it is warned of. */
const FIRST_MONTH = 11
/** Claims listed. */
const LISTED = 1_000

/** In November and December what the first of January makes of open claims; in other months nothing. */
export async function readYearEnd(
  db: Db,
  municipality: Municipality,
  month: Day,
  rates: RateReader,
): Promise<YearEndClaim[]> {
  const { year, month: number } = civil(month)
  if (number < FIRST_MONTH) return []
  const on = dayOf(year + 1, 1, 1)
  const claims = await netClaimsAt(db, municipality, on, rates, { after: 0, limit: LISTED })
  const { items, lines } = await readItems(db, municipality, [...new Set(claims.flatMap((one) => one.ofOrders))], rates)
  const { more } = crossYear(claims, { items: [...items.values()], lines }, on, rates)
  return claims.flatMap(({ claimId, claimKey, source, left }) => {
    const up = more.get(claimId)
    if (up === undefined) return []
    return [{ source: SOURCE_SYSTEMS[source - 1] as SourceSystem, claimKey, left, gross: (left + up) as Ore, on }]
  })
}
