/**
 * Writes a payment file straight to a bank: pain.001.001.03 or .09, payees by number. Valid against the official
 * schemas; what only the bank's guide can tell is in the profile. Same input, same bytes.
 */
import { assert } from '../../base/assert.ts'
import { formatDay } from '../../base/date.ts'
import {
  type BundleHeader,
  fitText,
  LONGEST_PAYEE_TEXT,
  type PaymentFileHeader,
  type PaymentInstruction,
} from '../../modules/payments/index.ts'
import type { PartyType } from '../../modules/parties/index.ts'
import type { BankProfile } from './profile.ts'
import { CHUNK, DECLARATION, xmlAmount, xmlId, xmlText } from '../../base/xml-out.ts'

interface Bundle {
  readonly header: BundleHeader
  readonly payments: Iterable<PaymentInstruction>
}

/** A purpose of more characters than this has no place in the message. */
const LONGEST_PURPOSE = 35
const LONGEST_NAME = 140

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

/** The account of a complete payment: registration number and account together. */
function accountXml(account: string): string {
  return `<CdtrAcct><Id><Othr><Id>${account}</Id><SchmeNm><Cd>BBAN</Cd></SchmeNm></Othr></Id></CdtrAcct>`
}

/** Text as the bank takes it. Marks that its characters lack fall away: Ł and ź become L and z. */
function inCharactersOf(profile: BankProfile, text: string): string {
  if (profile.characters === 'unicode') return text
  let out = ''
  for (const character of text) {
    if (character.codePointAt(0)! < 256) out += character
    else {
      const bare = (LETTERS[character] ?? character).normalize('NFKD').replace(/[^\x20-\xff]/gu, '')
      out += bare === '' ? '?' : bare
    }
  }
  return out
}

/** Letters and signs that are no mark on another one, and what is written for them. */
const LETTERS: Readonly<Record<string, string>> = Object.fromEntries(
  'Ł=L ł=l Đ=D đ=d ı=i Œ=OE œ=oe –=- —=- ’=\' ‘=\' “=" ”=" „=" €=EUR'.split(' ').map((pair) => pair.split('=')),
)

function paymentWriter(profile: BankProfile): (payment: PaymentInstruction) => string {
  const frames = {
    cpr: payeeFrame(profile, 'cpr'),
    cvr: payeeFrame(profile, 'cvr'),
    se: payeeFrame(profile, 'se'),
    p: payeeFrame(profile, 'p'),
  }
  return (payment) => {
    assert(payment.amount > 0, `a payment is a positive amount: ${payment.endToEndId}`)
    assert(payment.nemKontoKind.length <= LONGEST_PURPOSE, `kind too long in payment ${payment.endToEndId}`)
    const [before, after] = frames[payment.payee.type]
    const number = before + xmlText(payment.payee.id) + after
    const text = fitText(inCharactersOf(profile, payment.text), LONGEST_PAYEE_TEXT)
    const kind = profile.tellKind && payment.nemKontoKind !== ''
    return (
      '<CdtTrfTxInf><PmtId><EndToEndId>' +
      xmlId(payment.endToEndId, 'endToEndId') +
      '</EndToEndId></PmtId><Amt><InstdAmt Ccy="DKK">' +
      xmlAmount(payment.amount) +
      '</InstdAmt></Amt>' +
      payeeXml(profile, number, payment.account) +
      (kind ? `<Purp><Prtry>${xmlText(payment.nemKontoKind)}</Prtry></Purp>` : '') +
      (text === '' ? '' : `<RmtInf><Ustrd>${xmlText(text)}</Ustrd></RmtInf>`) +
      '</CdtTrfTxInf>\n'
    )
  }
}

/** A number in the place of the account gives way to an account. */
function payeeXml({ placement }: BankProfile, number: string, account: string | undefined): string {
  if (account === undefined) return number
  return placement === 'account' ? accountXml(account) : number + accountXml(account)
}

function bundleXml(header: BundleHeader, profile: BankProfile): string {
  const { unit } = header
  const day = formatDay(header.dispositionDate)
  const type =
    (profile.serviceLevel === '' ? '' : `<SvcLvl><Cd>${profile.serviceLevel}</Cd></SvcLvl>`) +
    (profile.categoryPurpose === '' ? '' : `<CtgyPurp><Cd>${profile.categoryPurpose}</Cd></CtgyPurp>`)
  const bic = profile.version === '03' ? 'BIC' : 'BICFI'
  const agent = profile.bic === '' ? '<Othr><Id>NOTPROVIDED</Id></Othr>' : `<${bic}>${profile.bic}</${bic}>`
  return (
    `<PmtInf><PmtInfId>${xmlId(header.bundleId, 'bundleId')}</PmtInfId><PmtMtd>TRF</PmtMtd>` +
    `<BtchBookg>${profile.batchBooking}</BtchBookg>` +
    `<NbOfTxs>${header.count}</NbOfTxs><CtrlSum>${xmlAmount(header.sum)}</CtrlSum>` +
    (type === '' ? '' : `<PmtTpInf>${type}</PmtTpInf>`) +
    `<ReqdExctnDt>${profile.version === '03' ? day : `<Dt>${day}</Dt>`}</ReqdExctnDt>` +
    `<Dbtr><Nm>${xmlText(fitText(inCharactersOf(profile, unit.name), LONGEST_NAME))}</Nm>` +
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
  profile: BankProfile,
): Generator<string> {
  const paymentXml = paymentWriter(profile)
  let out = ''
  let begun = false
  let count = 0
  let sum = 0
  for (const bundle of bundles) {
    const told = bundle.header
    assert(told.count > 0, `pain.001 has no empty bundle: ${told.bundleId}`)
    if (!begun) out = fileXml(header, told, profile.version)
    begun = true
    out += bundleXml(told, profile)
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
