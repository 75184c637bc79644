/** The code of a payment that came back → its cause in plain Danish → the next step. @da returårsag */
import type { Day, Period } from '../../base/date.ts'
import { RETURN_CODES } from './data/return-codes.ts'
import type { Sourced } from './rate-book.ts'

export type ReturnStep =
  /** The payee needs an account: to be asked for one, or have one entered here by two persons. */
  | 'ask_account'
  /** The payee refused it. */
  | 'ask_payee'
  /** The payee is dead: the estate is to be found. */
  | 'estate'
  /** What was sent has a fault that would come again. */
  | 'fix_data'
  /** Only the bank knows why, or whether it was paid. */
  | 'ask_bank'
  /** Nothing is wrong with what was sent: a technical fault of banks. It is paid again by itself. @da teknisk fejl */
  | 'retry'

export interface ReturnCode extends Sourced {
  readonly code: string
  readonly step: ReturnStep
  /** A whole sentence. */
  readonly cause: string
  readonly valid: Period
}

/** The row of a code on a day; without a day the newest. */
export function returnCode(code: string, on?: Day): ReturnCode | undefined {
  return RETURN_CODES.findLast((one) => {
    return one.code === code && (on === undefined || (one.valid.from <= on && on < one.valid.to))
  })
}

/** Codes of technical faults: nothing is wrong with what was sent. */
export function technicalCodes(): string[] {
  return [...new Set(RETURN_CODES.filter((one) => one.step === 'retry').map((one) => one.code))]
}

/** Ours: the rail stopped the payment because we asked it to. */
export const STOPPED_AS_ASKED = 'STOPPED'

/** `answer` is the rail's (2, 7 or 9); `code` its reason; `on` the day on which it came. */
export function returnCause(answer: number, code: string, on: Day): { cause: string; step: ReturnStep } {
  if (code === STOPPED_AS_ASKED) {
    return {
      cause: 'Kommunen bad om at få betalingen standset, og den er ikke gennemført. Pengene har ikke forladt kommunen.',
      step: 'fix_data',
    }
  }
  const known = returnCode(code, on)
  if (answer === 2) {
    if (known?.step === 'retry') {
      return { cause: `${known.cause} Pengene har ikke forladt kommunen.`, step: 'retry' }
    }
    return {
      cause: 'Betalingen blev afvist, fordi den har en formel fejl. Pengene har ikke forladt kommunen.',
      step: 'fix_data',
    }
  }
  if (answer === 7) {
    return { cause: 'Modtageren har ingen NemKonto. Pengene har ikke forladt kommunen.', step: 'ask_account' }
  }
  if (known !== undefined) return { cause: known.cause, step: known.step }
  const cause = code === '' ? 'Banken har sendt pengene tilbage.' : `Banken har sendt pengene tilbage (kode ${code}).`
  return { cause, step: 'ask_bank' }
}
