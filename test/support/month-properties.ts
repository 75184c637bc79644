/** Properties of whole months, for a short run in `npm test` and a long one in `npm run test:long`. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import type { Municipality } from '../../src/base/id.ts'
import { checkMonth, type MonthState } from './check-month.ts'
import { type TestLine, testLine } from './line.ts'
import type { OrderRecord } from './files.ts'
import {
  asMovements,
  factsOf,
  filesOf,
  MONTH,
  type RandomMonth,
  randomMonth,
  recordsOf,
  type Wild,
} from './random-month.ts'

/** A pair of municipalities with the same ways, on a line that is made anew when it has no more of them. */
interface Pairs {
  take(): Promise<{ line: TestLine; pair: readonly [Municipality, Municipality] }>
  close(): Promise<void>
}

function pairs(): Pairs {
  let line: TestLine | undefined
  let free: Municipality[] = []
  return {
    async take() {
      if (line === undefined || free.length < 2) {
        await line?.close()
        line = await testLine()
        free = line.rates.book.municipalities
          .filter((one) => one.taxMethod === 'base_tens_tax_up' && one.batchBooking)
          .map((one) => one.code)
      }
      return { line, pair: [free.pop() as Municipality, free.pop() as Municipality] }
    },
    close: async () => line?.close(),
  }
}

async function live(
  line: TestLine,
  code: Municipality,
  month: RandomMonth,
  arrival: 0 | 1,
  told: ((records: readonly OrderRecord[]) => readonly OrderRecord[]) | undefined,
): Promise<MonthState> {
  const text = String(code).padStart(4, '0')
  const records = told === undefined ? recordsOf(month, text) : told(recordsOf(month, text))
  await line.importText(factsOf(month, text, line.rates.municipality(code).cvr), MONTH)
  for (const file of filesOf(month, records, arrival)) {
    const taken = await line.importText(file, MONTH)
    assert.notEqual(taken.state, 'refused', JSON.stringify(taken.findings))
  }
  await line.runMonth(MONTH, [code])
  return await checkMonth(line, code, MONTH)
}

interface Let {
  readonly what: string
  /** One side is told newer versions as movements, and files come alike to both. */
  readonly movements?: boolean
  readonly wild: Wild
  /** Why it is known to fail, or ''. The test says so until it does not. */
  readonly known: string
}

const LOOSE: readonly Let[] = [
  { what: 'newer versions are told as movements', movements: true, wild: {}, known: '' },
  {
    what: 'a movement stands in the file of its base',
    movements: true,
    wild: { together: true },
    known: '',
  },
  { what: 'versions of an order come in any order', wild: { late: true }, known: '' },
  {
    what: 'orders of a citizen share a date, an allowance and a claim',
    wild: { ties: true },
    known: '',
  },
  {
    what: 'doubles are changed and withdrawn',
    wild: { doubles: true },
    known: '',
  },
  {
    what: "set-offs are taken from other systems' claims",
    wild: { foreign: true },
    known: '',
  },
]

interface Size {
  readonly seed: number
  /** Months of each property. */
  readonly tame: number
  readonly wild: number
  /** Makes a failing month as small as it gets: minutes, and worth them. */
  readonly shrink: boolean
}

export function monthProperties(options: Size): void {
  const { seed } = options
  const places = pairs()
  after(() => places.close())
  const alike = (first: MonthState, second: MonthState): void => {
    for (const part of Object.keys(first) as (keyof MonthState)[]) assert.deepEqual(second[part], first[part], part)
  }
  const property = ({ wild, movements }: Pick<Let, 'wild' | 'movements'>) =>
    fc.asyncProperty(randomMonth(wild), async (month) => {
      const { line, pair } = await places.take()
      const first = await live(line, pair[0], month, 0, movements === true ? asMovements : undefined)
      alike(first, await live(line, pair[1], month, movements === true ? 0 : 1, undefined))
      const books = await line.rail.get<{ doubles: number }>('/books')
      assert.equal(books.doubles, 0)
    })

  test(`a month balances, and depends on nothing but the set of orders (seed ${seed})`, async () => {
    await fc.assert(property({ wild: {} }), { seed, numRuns: options.tame, endOnFailure: !options.shrink })
  })
  for (const loose of LOOSE) {
    test(`the same when ${loose.what} (seed ${seed})`, async (context) => {
      const size = { seed, numRuns: options.wild, endOnFailure: loose.known !== '' || !options.shrink }
      const details = await fc.check(property(loose), size)
      if (!details.failed) return
      const isDifference = (details.errorInstance as Error | null)?.name === 'AssertionError'
      if (isDifference && loose.known !== '') context.todo(loose.known)
      throw details.errorInstance ?? new Error('the property failed')
    })
  }
}
