/**
 * Numbers of work, fixed by what the work is about and never by when it came. Planned work counts up from 1, and a run
 * keeps the numbers behind it for its files. What does not fit there goes beyond all planned work: answers by their
 * run, statements by their day. A ledger batch is work × 64 + position and an entry batch × 2^24 + number, so that work
 * stays under 2^23. @da arbejdsnummer
 */
import type { Tx } from '../../base/db.ts'
import { type Day, day } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import type { PaymentRun } from '../../modules/payments/index.ts'

/** Work numbers that belong to one payment run: the run itself, its answers, its statements. */
export const RUN_WORK_NUMBERS = 32
/** Answer files take the numbers behind their run from 1, statements from here. */
const STATEMENT_SLOT = 16

/** Planned work stays under this: 65,536 runs with their files. Claims that are decided are numbered up to it, too. */
export const BEYOND_PLANNED = 2 ** 21
/**
 * Behind these a place for each of 65,536 runs, and for each of 65,536 days; what a place cannot hold takes the next.
 */
const ANSWERS_BEYOND = { from: BEYOND_PLANNED, each: 32 }
const STATEMENTS_BEYOND = { from: 2 ** 22, each: 64 }
const PLACES = 2 ** 16
const FIRST_DAY = day('2000-01-01')
/** The database refuses work beyond it. */
export const LAST_WORK_NO = 2 ** 23 - 1

/** The number of planned work; a run's files have theirs behind it. */
export function mayPlan(municipality: Municipality, workNo: number): number {
  if (workNo + RUN_WORK_NUMBERS > BEYOND_PLANNED) throw usedUp(municipality, 'planned work')
  return workNo
}

function usedUp(municipality: Municipality, what: string): Refusal {
  return new Refusal(
    'work_numbers_used_up',
    `Municipality ${municipalityText(municipality)} has used all its numbers for ${what}, and nothing was done. ` +
      `Planned work ends before ${BEYOND_PLANNED}, files of a rail or bank at ${LAST_WORK_NO}: ` +
      'a release with wider numbers is needed before more can be taken in.',
  )
}

export interface FileNumbers {
  ofAnswers(run: Pick<PaymentRun, 'runNo' | 'workNo'> | undefined): number
  /** Of a file that tells no day: undefined. */
  ofStatement(date: Day | undefined): number
}

/** The next free numbers for files that are taken in; `runs` by number. */
export async function fileNumbers(
  tx: Tx,
  municipality: Municipality,
  runs: readonly PaymentRun[],
): Promise<FileNumbers> {
  const used = await tx.often.rows<{ work_no: number }>(
    'select work_no from received_files where municipality_code = $1',
    [municipality],
  )
  const taken = new Set(used.map((row) => row.work_no))
  const free = (from: number, to: number): number | undefined => {
    for (let number = from; number < to; number++) {
      if (taken.has(number)) continue
      taken.add(number)
      return number
    }
    return undefined
  }
  const beyond = ({ from, each }: typeof ANSWERS_BEYOND, place: number, what: string): number => {
    const at = Math.min(Math.max(place, 0), PLACES - 1)
    const number = free(from + at * each, from + PLACES * each)
    if (number === undefined) throw usedUp(municipality, what)
    return number
  }
  return {
    ofAnswers(run) {
      const own = run === undefined ? undefined : free(run.workNo + 1, run.workNo + STATEMENT_SLOT)
      return own ?? beyond(ANSWERS_BEYOND, run?.runNo ?? 0, 'answers')
    },
    // Behind the last run whose disposition date it covers: numbers follow the order of business, not that of arrival.
    ofStatement(date) {
      const run = runs.filter((one) => one.dispositionDate <= (date ?? 0)).at(-1) ?? runs[0]
      const own = run === undefined ? undefined : free(run.workNo + STATEMENT_SLOT, run.workNo + RUN_WORK_NUMBERS)
      return own ?? beyond(STATEMENTS_BEYOND, (date ?? FIRST_DAY) - FIRST_DAY, 'statements')
    },
  }
}
