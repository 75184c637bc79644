/** How the fake reads our payment file: to the end, counting for itself. It takes nothing on trust. */
import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { parseDay } from '../../base/date.ts'
import { parseAmount, parseCount, type Shape, xmlReader } from '../../base/xml-in.ts'
import { PAYEE_SCHEME, PAYMENT } from '../nemkonto/layout.ts'
import { FATE, type PainVersion, type StagedBundle } from './books.ts'

export interface PaymentFile {
  readonly fileId: string
  readonly sha: string
  /** Why it cannot be read; '' when it can. */
  readonly unreadable: string
  readonly bundles: readonly StagedBundle[]
  /** Of a file to the bank. */
  readonly pain: PainVersion | undefined
}

const SENTINELS: Readonly<Record<string, number>> = {
  '9902': FATE.formalError,
  '9907': FATE.noAccount,
  '9908': FATE.waitingAccount,
  '9909': FATE.returned,
  '9910': FATE.warned,
  '9911': FATE.deceased,
  '9913': FATE.timedOut,
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

/** Where a rail's file has what the fake reads: paths from the root, and below them. */
interface Layout {
  readonly group: string
  readonly bundle: string
  readonly one: string
  readonly fileId: string
  readonly count: string
  readonly sum: string
  readonly bundleId: string
  readonly account: string
  /** A date may stand in one place or another. */
  readonly dates: readonly string[]
  readonly bundleCount: string
  readonly bundleSum: string
  readonly id: string
  readonly amount: string
}

const NKS_AT = `Envelope/Body/${PAYMENT.message.element}`
const NKS: Layout = {
  group: `${NKS_AT}/${PAYMENT.groupHeader.element}`,
  bundle: `${NKS_AT}/${PAYMENT.bundle.element}`,
  one: `${NKS_AT}/${PAYMENT.bundle.element}/${PAYMENT.payment.element}`,
  fileId: PAYMENT.fileId.element,
  count: PAYMENT.count.element,
  sum: PAYMENT.sum.element,
  bundleId: PAYMENT.bundleId.element,
  account: PAYMENT.debitAccount.element,
  dates: [PAYMENT.dispositionDate.element],
  bundleCount: PAYMENT.count.element,
  bundleSum: PAYMENT.sum.element,
  id: PAYMENT.endToEndId.element,
  amount: PAYMENT.amount.element,
}
const PAIN_AT = 'Document/CstmrCdtTrfInitn'
const PAIN: Layout = {
  group: `${PAIN_AT}/GrpHdr`,
  bundle: `${PAIN_AT}/PmtInf`,
  one: `${PAIN_AT}/PmtInf/CdtTrfTxInf`,
  fileId: 'MsgId',
  count: 'NbOfTxs',
  sum: 'CtrlSum',
  bundleId: 'PmtInfId',
  account: 'DbtrAcct/Id/Othr/Id',
  dates: ['ReqdExctnDt', 'ReqdExctnDt/Dt'],
  bundleCount: 'NbOfTxs',
  bundleSum: 'CtrlSum',
  id: 'PmtId/EndToEndId',
  amount: 'Amt/InstdAmt',
}

function groupShape(at: Layout, told: Told): Shape {
  return {
    [`${at.group}/${at.fileId}`]: { close: (text) => void (told.fileId = own(text)) },
    [`${at.group}/${at.count}`]: { close: (text) => void (told.count = parseCount(text)) },
    [`${at.group}/${at.sum}`]: { close: (text) => void (told.sum = parseAmount(text)) },
  }
}

function bundleShape(at: Layout, told: Told, draft: Draft, bundles: StagedBundle[]): Shape {
  let staged: StagedBundle | undefined
  let sum = 0
  const wrong = (text: string): void => void (told.wrong ||= text)
  const set = (name: 'bundleId' | 'account' | 'date') => ({
    close: (text: string) => void (text === '' || (draft.bundle[name] = own(text))),
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
    [at.bundle]: {
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
    [`${at.bundle}/${at.bundleId}`]: set('bundleId'),
    [`${at.bundle}/${at.account}`]: set('account'),
    ...Object.fromEntries(at.dates.map((date) => [`${at.bundle}/${date}`, set('date')])),
    [`${at.bundle}/${at.bundleCount}`]: { close: (text) => void (draft.bundle.count = parseCount(text)) },
    [`${at.bundle}/${at.bundleSum}`]: { close: (text) => void (draft.bundle.sum = parseAmount(text)) },
    [at.one]: {
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

/** What becomes of a payment to this number. */
function fateOf(isPerson: boolean, number: string): number {
  return number === '' ? -1 : ((isPerson ? SENTINELS[number.slice(6)] : undefined) ?? FATE.paid)
}

function paymentShape(at: Layout, draft: Draft): Shape {
  return {
    [`${at.one}/${at.id}`]: { close: (text) => void (draft.id = own(text)) },
    [`${at.one}/${at.amount}`]: { close: (text) => void (draft.amount = parseAmount(text)) },
  }
}

/** A complete payment needs no NemKonto of the payee's, whether there is none or it is closed. */
function hasAccount(draft: Draft): void {
  if (OF_NEMKONTO.includes(draft.fate) || draft.fate < 0) draft.fate = FATE.paid
}

function nksPayee(draft: Draft): Shape {
  return {
    [`${NKS.one}/${PAYMENT.payee.element}`]: {
      close: (text, attributes) =>
        void (draft.fate = fateOf(attributes[PAYEE_SCHEME.attribute] === PAYEE_SCHEME.cpr, text)),
    },
    [`${NKS.one}/${PAYMENT.account.element}`]: { close: () => hasAccount(draft) },
  }
}

/** A payee's number stands as an account of the bank's own scheme, or as the creditor's identity. */
function painPayee(draft: Draft): Shape {
  let [number, scheme, code] = ['', '', '']
  const other = (path: string): Shape => ({
    [path]: {
      open: () => void ([number, scheme, code] = ['', '', '']),
      close() {
        if (code === 'BBAN') hasAccount(draft)
        else draft.fate = fateOf(scheme === 'CPR', number)
      },
    },
    [`${path}/Id`]: { close: (text) => void (number = text) },
    [`${path}/SchmeNm/Prtry`]: { close: (text) => void (scheme = text) },
    [`${path}/SchmeNm/Cd`]: { close: (text) => void (code = text) },
  })
  return {
    ...other(`${PAIN.one}/CdtrAcct/Id/Othr`),
    ...other(`${PAIN.one}/Cdtr/Id/PrvtId/Othr`),
    ...other(`${PAIN.one}/Cdtr/Id/OrgId/Othr`),
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
  let pain: PainVersion | undefined
  const shapes = [NKS, PAIN].flatMap((at) => [
    groupShape(at, told),
    bundleShape(at, told, draft, bundles),
    paymentShape(at, draft),
  ])
  const reader = xmlReader({
    Document: {
      open: (attributes) => void (pain = attributes['xmlns']?.endsWith('pain.001.001.03') === true ? '03' : '09'),
    },
    ...Object.assign({}, ...shapes, nksPayee(draft), painPayee(draft)),
  })
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
  return { fileId: told.fileId, sha: hash.digest('hex'), unreadable, bundles: unreadable === '' ? bundles : [], pain }
}
