/**
 * Writes a payment file straight to a bank: pain.001.001.03 or .09, payees by number. Valid against the official
 * schemas; what only the bank's guide can tell is in the profile. Same input, same bytes.
 */
import { assert } from '../../base/assert.ts'
import { formatDay } from '../../base/date.ts'
import type { BundleHeader, PaymentFileHeader, PaymentInstruction } from '../../modules/payments/index.ts'
import type { PartyType } from '../../modules/parties/index.ts'
import type { BankProfile } from './profile.ts'
import { CHUNK, DECLARATION, xmlAmount, xmlId, xmlText } from '../../base/xml-out.ts'

export interface PainOptions {
  readonly profile: BankProfile
  /** Whether the bank is asked to book a bundle as one movement. */
  readonly batchBooking: boolean
}

interface Bundle {
  readonly header: BundleHeader
  readonly payments: Iterable<PaymentInstruction>
}

/** A purpose of more characters than this has no place in the message. */
const LONGEST_PURPOSE = 35
const LONGEST_PAYEE_TEXT = 140

function othr(id: string, scheme: string): string {
  return `<Othr><Id>${id}</Id><SchmeNm><Prtry>${scheme}</Prtry></SchmeNm></Othr>`
}

/** Text before and after the payee's number, per kind of number. */
function payeeFrame(profile: BankProfile, type: PartyType): readonly [string, string] {
  const scheme = xmlText(profile.schemes[type])
  const parts = othr('\n', scheme).split('\n')
  const [before, after] = [parts[0] as string, parts[1] as string]
  if (profile.placement === 'account') return [`<CdtrAcct><Id>${before}`, `${after}</Id></CdtrAcct>`]
  const holder = type === 'cpr' ? 'PrvtId' : 'OrgId'
  return [`<Cdtr><Id><${holder}>${before}`, `${after}</${holder}></Id></Cdtr>`]
}

function paymentWriter(profile: BankProfile): (payment: PaymentInstruction) => string {
  const frames = {
    cpr: payeeFrame(profile, 'cpr'),
    cvr: payeeFrame(profile, 'cvr'),
    se: payeeFrame(profile, 'se'),
    p: payeeFrame(profile, 'p'),
  }
  return (payment) => {
    assert(payment.amount > 0, `a payment is a positive amount: ${payment.endToEndId}`)
    assert(payment.text.length <= LONGEST_PAYEE_TEXT, `text too long in payment ${payment.endToEndId}`)
    assert(payment.nemKontoKind.length <= LONGEST_PURPOSE, `kind too long in payment ${payment.endToEndId}`)
    const [before, after] = frames[payment.payee.type]
    const kind = profile.tellKind && payment.nemKontoKind !== ''
    return (
      '<CdtTrfTxInf><PmtId><EndToEndId>' +
      xmlId(payment.endToEndId, 'endToEndId') +
      '</EndToEndId></PmtId><Amt><InstdAmt Ccy="DKK">' +
      xmlAmount(payment.amount) +
      '</InstdAmt></Amt>' +
      before +
      xmlText(payment.payee.id) +
      after +
      (kind ? `<Purp><Prtry>${xmlText(payment.nemKontoKind)}</Prtry></Purp>` : '') +
      (payment.text === '' ? '' : `<RmtInf><Ustrd>${xmlText(payment.text)}</Ustrd></RmtInf>`) +
      '</CdtTrfTxInf>\n'
    )
  }
}

function bundleXml(header: BundleHeader, options: PainOptions): string {
  const { profile } = options
  const { unit } = header
  const day = formatDay(header.dispositionDate)
  const type =
    (profile.serviceLevel === '' ? '' : `<SvcLvl><Cd>${profile.serviceLevel}</Cd></SvcLvl>`) +
    (profile.categoryPurpose === '' ? '' : `<CtgyPurp><Cd>${profile.categoryPurpose}</Cd></CtgyPurp>`)
  const bic = profile.version === '03' ? 'BIC' : 'BICFI'
  const agent = profile.bic === '' ? '<Othr><Id>NOTPROVIDED</Id></Othr>' : `<${bic}>${profile.bic}</${bic}>`
  return (
    `<PmtInf><PmtInfId>${xmlId(header.bundleId, 'bundleId')}</PmtInfId><PmtMtd>TRF</PmtMtd>` +
    `<BtchBookg>${options.batchBooking}</BtchBookg>` +
    `<NbOfTxs>${header.count}</NbOfTxs><CtrlSum>${xmlAmount(header.sum)}</CtrlSum>` +
    (type === '' ? '' : `<PmtTpInf>${type}</PmtTpInf>`) +
    `<ReqdExctnDt>${profile.version === '03' ? day : `<Dt>${day}</Dt>`}</ReqdExctnDt>` +
    `<Dbtr><Nm>${xmlText(unit.name.slice(0, 140))}</Nm>` +
    `<Id><OrgId>${othr(xmlText(unit.cvr), 'CVR')}</OrgId></Id></Dbtr>` +
    `<DbtrAcct><Id><Othr><Id>${xmlText(unit.debitAccount)}</Id>` +
    '<SchmeNm><Cd>BBAN</Cd></SchmeNm></Othr></Id><Ccy>DKK</Ccy></DbtrAcct>' +
    `<DbtrAgt><FinInstnId>${agent}</FinInstnId></DbtrAgt>\n`
  )
}

function fileXml(header: PaymentFileHeader, sender: BundleHeader, version: string): string {
  const party = othr(xmlText(sender.unit.cvr), 'CVR')
  return (
    `${DECLARATION}<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.${version}"><CstmrCdtTrfInitn>\n` +
    `<GrpHdr><MsgId>${xmlId(header.fileId, 'fileId')}</MsgId><CreDtTm>${xmlText(header.createdAt)}</CreDtTm>` +
    `<NbOfTxs>${header.count}</NbOfTxs><CtrlSum>${xmlAmount(header.sum)}</CtrlSum>` +
    `<InitgPty><Id><OrgId>${party}</OrgId></Id></InitgPty></GrpHdr>\n`
  )
}

/**
 * The file in chunks of about 64 KB. The schema has no empty file: at least one bundle, and in it one payment. A header
 * that does not agree with what follows is a defect of ours and crashes before the file is complete.
 */
export function* writePain001(
  header: PaymentFileHeader,
  bundles: Iterable<Bundle>,
  options: PainOptions,
): Generator<string> {
  const paymentXml = paymentWriter(options.profile)
  let out = ''
  let begun = false
  let count = 0
  let sum = 0
  for (const bundle of bundles) {
    const told = bundle.header
    assert(told.count > 0, `pain.001 has no empty bundle: ${told.bundleId}`)
    if (!begun) out = fileXml(header, told, options.profile.version)
    begun = true
    out += bundleXml(told, options)
    let bundleCount = 0
    let bundleSum = 0
    for (const payment of bundle.payments) {
      out += paymentXml(payment)
      bundleCount++
      bundleSum += payment.amount
      if (out.length >= CHUNK) {
        yield out
        out = ''
      }
    }
    assert(
      bundleCount === told.count && bundleSum === told.sum,
      `bundle ${told.bundleId} does not agree with its header`,
    )
    count += bundleCount
    sum += bundleSum
    out += '</PmtInf>\n'
  }
  assert(begun, `pain.001 has no empty file: ${header.fileId}`)
  assert(count === header.count && sum === header.sum, `file ${header.fileId} does not agree with its header`)
  yield `${out}</CstmrCdtTrfInitn></Document>\n`
}
