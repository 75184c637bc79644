/** An acute payment in the names of the outer contract: for API and command line alike. */
import { formatDay } from '../base/date.ts'
import type { AcuteRun } from './line/acute.ts'

export function acuteRunJson({ run, payments, amount, payOn }: AcuteRun) {
  return { run, payments, amount_ore: amount, pay_on: formatDay(payOn) }
}
