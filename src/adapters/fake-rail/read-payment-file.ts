/** How the fake reads our payment file: to the end, counting for itself. It takes nothing on trust. */
import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { parseDay } from '../../base/date.ts'
import { parseAmount, parseCount, type Shape, xmlReader } from '../../base/xml-in.ts'
import { PAYEE_SCHEME, PAYMENT } from '../nemkonto/layout.ts'
import { FATE, type StagedBundle } from './books.ts'

export interface PaymentFile {
  readonly fileId: string
  readonly sha: string
  /** Why it cannot be read; '' when it can. */
  readonly unreadable: string
  readonly bundles: readonly StagedBundle[]
}

const SENTINELS: Readonly<Record<string, number>> = {
  '9902': FATE.formalError,
  '9907': FATE.noAccount,
  '9908': FATE.waitingAccount,
  '9909': FATE.returned,
}

const scratch = Buffer.allocUnsafe(256)

/** A copy that does not hold the whole chunk of the file in memory, as a part of a string does. */
function own(text: string): string {
  return scratch.toString('utf8', 0, scratch.write(text))
}

interface Told {
  fileId: string
  count: number
  sum: number
  wrong: string
  payments: number
  total: number
}

interface Draft {
  bundle: { bundleId: string; account: string; date: string; count: number; sum: number }
  id: string
  amount: number
  fate: number
}

/** What befalls a payment because of the payee's NemKonto. */
const OF_NEMKONTO: readonly number[] = [FATE.noAccount, FATE.waitingAccount, FATE.returned]

const AT = `Envelope/Body/${PAYMENT.message.element}`
const GROUP = `${AT}/${PAYMENT.groupHeader.element}`
const BUNDLE = `${AT}/${PAYMENT.bundle.element}`
const ONE = `${BUNDLE}/${PAYMENT.payment.element}`

function groupShape(told: Told): Shape {
  return {
    [`${GROUP}/${PAYMENT.fileId.element}`]: { close: (text) => void (told.fileId = own(text)) },
    [`${GROUP}/${PAYMENT.count.element}`]: { close: (text) => void (told.count = parseCount(text)) },
    [`${GROUP}/${PAYMENT.sum.element}`]: { close: (text) => void (told.sum = parseAmount(text)) },
  }
}

function bundleShape(told: Told, draft: Draft, bundles: StagedBundle[]): Shape {
  let staged: StagedBundle | undefined
  let sum = 0
  const wrong = (text: string): void => void (told.wrong ||= text)
  const set = (name: 'bundleId' | 'account' | 'date') => ({
    close: (text: string) => void (draft.bundle[name] = own(text)),
  })
  const begin = (): StagedBundle => {
    const { bundleId, account, date } = draft.bundle
    const disposition = parseDay(date)
    if (disposition === undefined || bundleId === '' || account === '')
      wrong(`bundle ${bundleId} lacks id, account or date`)
    const made = {
      bundleId,
      account,
      disposition: disposition ?? (0 as StagedBundle['disposition']),
      ids: [],
      amounts: [],
      fates: [],
    }
    bundles.push(made)
    return made
  }
  return {
    [BUNDLE]: {
      open() {
        draft.bundle = { bundleId: '', account: '', date: '', count: -1, sum: -1 }
        staged = undefined
        sum = 0
      },
      close() {
        staged ??= begin()
        const { bundle } = draft
        if (bundle.count !== staged.ids.length || bundle.sum !== sum) wrong(`bundle ${bundle.bundleId} does not add up`)
        told.payments += staged.ids.length
        told.total += sum
      },
    },
    [`${BUNDLE}/${PAYMENT.bundleId.element}`]: set('bundleId'),
    [`${BUNDLE}/${PAYMENT.debitAccount.element}`]: set('account'),
    [`${BUNDLE}/${PAYMENT.dispositionDate.element}`]: set('date'),
    [`${BUNDLE}/${PAYMENT.count.element}`]: { close: (text) => void (draft.bundle.count = parseCount(text)) },
    [`${BUNDLE}/${PAYMENT.sum.element}`]: { close: (text) => void (draft.bundle.sum = parseAmount(text)) },
    [ONE]: {
      open() {
        draft.id = ''
        draft.amount = -1
        draft.fate = -1
      },
      close() {
        staged ??= begin()
        if (draft.id === '' || draft.amount <= 0 || draft.fate < 0)
          wrong(`payment ${draft.id} lacks id, amount or payee`)
        staged.ids.push(draft.id)
        staged.amounts.push(draft.amount)
        staged.fates.push(draft.fate)
        sum += draft.amount
      },
    },
  }
}

function paymentShape(draft: Draft): Shape {
  return {
    [`${ONE}/${PAYMENT.endToEndId.element}`]: { close: (text) => void (draft.id = own(text)) },
    [`${ONE}/${PAYMENT.amount.element}`]: { close: (text) => void (draft.amount = parseAmount(text)) },
    [`${ONE}/${PAYMENT.payee.element}`]: {
      close(text, attributes) {
        const isPerson = attributes[PAYEE_SCHEME.attribute] === PAYEE_SCHEME.cpr
        draft.fate = text === '' ? -1 : ((isPerson ? SENTINELS[text.slice(6)] : undefined) ?? FATE.paid)
      },
    },
    // A complete payment needs no NemKonto of the payee's, whether there is none or it is closed.
    [`${ONE}/${PAYMENT.account.element}`]: {
      close: () => void (draft.fate = OF_NEMKONTO.includes(draft.fate) ? FATE.paid : draft.fate),
    },
  }
}

/** Reads one file to its end; a file that is torn, or does not add up, is unreadable as a whole. */
export function readPaymentFile(path: string): PaymentFile {
  const told: Told = { fileId: '', count: -1, sum: -1, wrong: '', payments: 0, total: 0 }
  const draft: Draft = {
    bundle: { bundleId: '', account: '', date: '', count: -1, sum: -1 },
    id: '',
    amount: -1,
    fate: -1,
  }
  const bundles: StagedBundle[] = []
  const reader = xmlReader({ ...groupShape(told), ...bundleShape(told, draft, bundles), ...paymentShape(draft) })
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(131_072)
  const fd = openSync(path, 'r')
  try {
    for (;;) {
      const size = readSync(fd, buffer, 0, buffer.length, null)
      if (size === 0) break
      const bytes = buffer.subarray(0, size)
      hash.update(bytes)
      reader.write(bytes)
    }
  } finally {
    closeSync(fd)
  }
  const whole = reader.end()
  const problem = reader.problems[0]
  if (told.count !== told.payments || told.sum !== told.total) told.wrong ||= 'count or sum differs from the header'
  if (told.fileId === '') told.wrong ||= 'the file has no id'
  const unreadable = whole ? told.wrong : `${problem?.code}: ${problem?.detail}`
  return { fileId: told.fileId, sha: hash.digest('hex'), unreadable, bundles: unreadable === '' ? bundles : [] }
}
