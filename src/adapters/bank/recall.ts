/**
 * Recall of what was sent (camt.055.001.08) and the bank's answer (camt.029.001.09). A recall asks; what became of the
 * money only the answer and then the statement say. Valid against the official schemas. Same input, same bytes.
 */
import { formatDay } from '../../base/date.ts'
import type { Day } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import type {
  FileRecallRequest,
  RecallAnswer,
  RecallAnswerHandlers,
  RecallAnswerReader,
  RecallOutcome,
} from '../../modules/payments/index.ts'
import type { PayingUnit } from '../../modules/rates/index.ts'
import { assert } from '../../base/assert.ts'
import { type Shape, type XmlReader, xmlReader } from '../../base/xml-in.ts'
import { DECLARATION, xmlAmount, xmlId, xmlText } from '../../base/xml-out.ts'
import type { BankProfile } from './profile.ts'
import { RECALL_CONFIRMATION, RECALL_STATUS } from './statuses.ts'

/** One payment that is asked back. @da tilbagekaldelse */
export interface RecalledPayment {
  readonly bundleId: string
  readonly endToEndId: string
  readonly amount: Ore
  readonly dispositionDate: Day
  /** ISO reason: DUPL, CUST, AM09, TECH, FRAD … */
  readonly reason: string
}

export interface RecallHeader {
  /** ≤ 35 characters, ours. */
  readonly recallId: string
  /** The file that the payments were sent in. */
  readonly fileId: string
  readonly createdAt: string
  readonly unit: PayingUnit
}

function party(cvr: string): string {
  const id = `<Othr><Id>${xmlText(cvr)}</Id><SchmeNm><Prtry>CVR</Prtry></SchmeNm></Othr>`
  return `<Pty><Id><OrgId>${id}</OrgId></Id></Pty>`
}

/** Payments of one file that are asked back one by one. Those of a bundle stand together. */
export function writeRecall(header: RecallHeader, payments: readonly RecalledPayment[], profile: BankProfile): string {
  assert(payments.length > 0, `recall ${header.recallId} asks nothing back`)
  const sum = payments.reduce((total, one) => total + one.amount, 0)
  const bundles = [...Map.groupBy(payments, (one) => one.bundleId)].map(
    ([bundleId, own]) =>
      `<OrgnlPmtInfAndCxl><OrgnlPmtInfId>${xmlId(bundleId, 'bundleId')}</OrgnlPmtInfId>\n` +
      `${own.map(recalledXml).join('')}</OrgnlPmtInfAndCxl>\n`,
  )
  return requestXml(header, { payments: payments.length, sum }, profile, '', bundles.join(''))
}

/** A whole file or bundle is asked back, whatever is in it; payments and sum are those that had not come back. */
export function writeFileRecall(
  header: RecallHeader & Pick<FileRecallRequest, 'bundleId' | 'payments' | 'sum' | 'reason'>,
  profile: BankProfile,
): string {
  const { bundleId, payments, sum, reason } = header
  const why = `<CxlRsnInf><Rsn><Cd>${xmlText(reason)}</Cd></Rsn></CxlRsnInf>`
  if (bundleId === undefined) return requestXml(header, header, profile, `<GrpCxl>true</GrpCxl>${why}`, '')
  const bundle =
    `<OrgnlPmtInfAndCxl><OrgnlPmtInfId>${xmlId(bundleId, 'bundleId')}</OrgnlPmtInfId><NbOfTxs>${payments}</NbOfTxs>` +
    `<CtrlSum>${xmlAmount(sum)}</CtrlSum><PmtInfCxl>true</PmtInfCxl>${why}</OrgnlPmtInfAndCxl>\n`
  return requestXml(header, header, profile, '', bundle)
}

function requestXml(
  { recallId, fileId, createdAt, unit }: RecallHeader,
  { payments, sum }: { readonly payments: number; readonly sum: number },
  profile: BankProfile,
  group: string,
  bundles: string,
): string {
  const id = xmlId(recallId, 'recallId')
  const agent = profile.bic === '' ? '<Othr><Id>NOTPROVIDED</Id></Othr>' : `<BICFI>${profile.bic}</BICFI>`
  return (
    `${DECLARATION}<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.055.001.08"><CstmrPmtCxlReq>\n` +
    `<Assgnmt><Id>${id}</Id><Assgnr>${party(unit.cvr)}</Assgnr>` +
    `<Assgne><Agt><FinInstnId>${agent}</FinInstnId></Agt></Assgne><CreDtTm>${xmlText(createdAt)}</CreDtTm></Assgnmt>\n` +
    `<Case><Id>${id}</Id><Cretr>${party(unit.cvr)}</Cretr></Case>\n` +
    `<CtrlData><NbOfTxs>${payments}</NbOfTxs><CtrlSum>${xmlAmount(sum)}</CtrlSum></CtrlData>\n` +
    `<Undrlyg><OrgnlGrpInfAndCxl><OrgnlMsgId>${xmlId(fileId, 'fileId')}</OrgnlMsgId>` +
    `<OrgnlMsgNmId>pain.001.001.${profile.version}</OrgnlMsgNmId>${group}</OrgnlGrpInfAndCxl>\n` +
    `${bundles}</Undrlyg></CstmrPmtCxlReq></Document>\n`
  )
}

function recalledXml({ endToEndId, amount, dispositionDate, reason }: RecalledPayment): string {
  return (
    `<TxInf><OrgnlEndToEndId>${xmlId(endToEndId, 'endToEndId')}</OrgnlEndToEndId>` +
    `<OrgnlInstdAmt Ccy="DKK">${xmlAmount(amount)}</OrgnlInstdAmt>` +
    `<OrgnlReqdExctnDt><Dt>${formatDay(dispositionDate)}</Dt></OrgnlReqdExctnDt>` +
    `<CxlRsnInf><Rsn><Cd>${xmlText(reason)}</Cd></Rsn></CxlRsnInf></TxInf>\n`
  )
}

interface Open {
  ref: string
  status: string
  reason: string
}

/** Reads camt.029.001.09. What is said of a payment goes before what is said of the whole, and is told first. */
export function recallAnswerReader(handlers: RecallAnswerHandlers): RecallAnswerReader {
  const at = 'Document/RsltnOfInvstgtn'
  const whole: Open = { ref: '', status: '', reason: '' }
  let [answerId, createdAt, fileId, messages] = ['', '', '', 0]
  const tell = (about: RecallAnswer['about'], one: Open, words: Readonly<Record<string, RecallOutcome>>): void => {
    // Of a file or bundle in part: what became of each is said of each.
    if (one.status === '' || one.status === 'PACR') return
    const outcome = words[one.status]
    if (outcome === undefined || one.ref === '') {
      return reader.problem('CxlSts', 'unknown_answer', `unknown answer ${one.status.slice(0, 20)} about ${one.ref}`)
    }
    handlers.answer({ about, ref: one.ref, outcome, reason: one.reason })
  }
  const reader: XmlReader = xmlReader({
    Document: {
      open(attributes) {
        if (attributes['xmlns']?.endsWith(':camt.029.001.09') === true) return
        reader.refuse('Document', 'other_message', `only camt.029.001.09 is read; found ${attributes['xmlns'] ?? ''}`)
      },
    },
    [at]: {
      open: () => void messages++,
      close: () => tell('recall', { ...whole, ref: whole.ref || answerId }, RECALL_CONFIRMATION),
    },
    [`${at}/Assgnmt/Id`]: { close: (text) => void (answerId = text) },
    [`${at}/Assgnmt/CreDtTm`]: { close: (text) => void (createdAt = text) },
    [`${at}/RslvdCase/Id`]: { close: (text) => void (whole.ref = text) },
    [`${at}/Sts/Conf`]: { close: (text) => void (whole.status = text) },
    ...saidOf(`${at}/CxlDtls/OrgnlGrpInfAndSts`, 'OrgnlMsgId', 'GrpCxlSts', (one) => {
      fileId = one.ref
      tell('file', one, RECALL_STATUS)
    }),
    ...saidOf(`${at}/CxlDtls/OrgnlPmtInfAndSts`, 'OrgnlPmtInfId', 'PmtInfCxlSts', (one) =>
      tell('bundle', one, RECALL_STATUS),
    ),
    ...saidOf(`${at}/CxlDtls/OrgnlPmtInfAndSts/TxInfAndSts`, 'OrgnlEndToEndId', 'TxCxlSts', (one) =>
      tell('payment', one, RECALL_STATUS),
    ),
    ...saidOf(`${at}/CxlDtls/TxInfAndSts`, 'OrgnlEndToEndId', 'TxCxlSts', (one) => tell('payment', one, RECALL_STATUS)),
  })
  return {
    write: (chunk) => reader.write(chunk),
    finish() {
      if (reader.end() && messages === 0) reader.refuse('Document', 'other_message', 'the file holds no camt.029')
      const header = messages > 0 ? { answerId, fileId, createdAt } : undefined
      return { header, whole: reader.end(), problems: reader.problems }
    },
  }
}

function saidOf(at: string, id: string, status: string, closed: (one: Open) => void): Shape {
  let now: Open = { ref: '', status: '', reason: '' }
  const reason = { close: (text: string) => void (now.reason ||= text) }
  return {
    [at]: { open: () => void (now = { ref: '', status: '', reason: '' }), close: () => closed(now) },
    [`${at}/${id}`]: { close: (text) => void (now.ref = text) },
    [`${at}/${status}`]: { close: (text) => void (now.status = text) },
    [`${at}/CxlStsRsnInf/Rsn/Cd`]: reason,
    [`${at}/CxlStsRsnInf/Rsn/Prtry`]: reason,
  }
}

/** Writes the bank's answer to a recall; `group`: what it says of the file as a whole. For the fake and the tests. */
export function writeRecallAnswer(
  header: { readonly answerId: string; readonly recallId: string; readonly fileId: string; readonly createdAt: string },
  cvr: string,
  confirmation: string,
  payments: readonly (Pick<RecalledPayment, 'bundleId' | 'endToEndId' | 'reason'> & { readonly status: string })[],
  group = '',
): string {
  const agent = '<Agt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></Agt>'
  const told = payments.map(({ endToEndId, status, reason }) => {
    const why = reason === '' ? '' : `<CxlStsRsnInf><Rsn><Cd>${xmlText(reason)}</Cd></Rsn></CxlStsRsnInf>`
    return `<TxInfAndSts><OrgnlEndToEndId>${xmlId(endToEndId, 'endToEndId')}</OrgnlEndToEndId><TxCxlSts>${status}</TxCxlSts>${why}</TxInfAndSts>\n`
  })
  const original =
    `<OrgnlGrpInfAndSts><OrgnlMsgId>${xmlId(header.fileId, 'fileId')}</OrgnlMsgId>` +
    `<OrgnlMsgNmId>pain.001</OrgnlMsgNmId>${group === '' ? '' : `<GrpCxlSts>${group}</GrpCxlSts>`}</OrgnlGrpInfAndSts>`
  return (
    `${DECLARATION}<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.029.001.09"><RsltnOfInvstgtn>\n` +
    `<Assgnmt><Id>${xmlId(header.answerId, 'answerId')}</Id><Assgnr>${agent}</Assgnr><Assgne>${party(cvr)}</Assgne>` +
    `<CreDtTm>${xmlText(header.createdAt)}</CreDtTm></Assgnmt>\n` +
    `<RslvdCase><Id>${xmlId(header.recallId, 'recallId')}</Id><Cretr>${party(cvr)}</Cretr></RslvdCase>\n` +
    `<Sts><Conf>${confirmation}</Conf></Sts>\n` +
    `${told.length === 0 && group === '' ? '' : `<CxlDtls>${original}\n${told.join('')}</CxlDtls>\n`}</RsltnOfInvstgtn></Document>\n`
  )
}
