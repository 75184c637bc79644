/**
 * Writes camt.053 statements and camt.054 notifications, versions .02 and .08, as a bank would. Only the fake uses it;
 * it stands here because the format does. Valid against the official schemas. Same input, same bytes.
 */
import { formatDay } from '../../base/date.ts'
import type { Day } from '../../base/date.ts'
import type { StatementEntry, StatementHeader } from '../../modules/payments/index.ts'
import { CHUNK, DECLARATION, xmlAmount, xmlId, xmlText } from '../../base/xml-out.ts'

export interface CamtOptions {
  readonly version: '02' | '08'
  /** Business time of the file: `2026-03-31T23:00:00`. */
  readonly createdAt: string
}

/** What a notification says of itself; it has no balances. */
export interface NotificationHeader {
  readonly notificationId: string
  readonly number: number
  readonly account: string
  readonly date: Day
}

function money(name: string, ore: number): string {
  return `<${name} Ccy="DKK">${xmlAmount(ore)}</${name}>`
}

function direction(ore: number): string {
  return ore < 0 ? '<CdtDbtInd>DBIT</CdtDbtInd>' : '<CdtDbtInd>CRDT</CdtDbtInd>'
}

function balance(code: string, ore: number, date: string): string {
  const type = `<Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>`
  return `<Bal>${type}${money('Amt', ore)}${direction(ore)}<Dt><Dt>${date}</Dt></Dt></Bal>\n`
}

function account(id: string): string {
  const iban = /^[A-Z]{2}\d{2}[A-Za-z0-9]{1,30}$/.test(id)
  const other = `<Othr><Id>${xmlText(id)}</Id><SchmeNm><Cd>BBAN</Cd></SchmeNm></Othr>`
  return `<Acct><Id>${iban ? `<IBAN>${id}</IBAN>` : other}</Id><Ccy>DKK</Ccy></Acct>\n`
}

function summary(entries: Iterable<StatementEntry>, version: string): string {
  let credits = 0
  let creditSum = 0
  let debits = 0
  let debitSum = 0
  for (const { amount } of entries) {
    if (amount < 0) {
      debits++
      debitSum -= amount
    } else {
      credits++
      creditSum += amount
    }
  }
  const net = creditSum - debitSum
  const netXml =
    version === '02'
      ? `<TtlNetNtryAmt>${xmlAmount(net)}</TtlNetNtryAmt>${direction(net)}`
      : `<TtlNetNtry><Amt>${xmlAmount(net)}</Amt>${direction(net)}</TtlNetNtry>`
  const total = `<NbOfNtries>${credits + debits}</NbOfNtries><Sum>${xmlAmount(creditSum + debitSum)}</Sum>${netXml}`
  return (
    `<TxsSummry><TtlNtries>${total}</TtlNtries>` +
    `<TtlCdtNtries><NbOfNtries>${credits}</NbOfNtries><Sum>${xmlAmount(creditSum)}</Sum></TtlCdtNtries>` +
    `<TtlDbtNtries><NbOfNtries>${debits}</NbOfNtries><Sum>${xmlAmount(debitSum)}</Sum></TtlDbtNtries></TxsSummry>\n`
  )
}

const CODE_OUT = '<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd>'
const CODE_RETURN = '<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>RRTN</SubFmlyCd></Fmly></Domn></BkTxCd>'
const CODE_IN = '<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd>'

function details(entry: StatementEntry, version: string): string {
  if (entry.count > 1 || (entry.endToEndId === '' && entry.bundleId !== '')) {
    const bundle = entry.bundleId === '' ? '' : `<PmtInfId>${xmlId(entry.bundleId, 'bundleId')}</PmtInfId>`
    return (
      `<NtryDtls><Btch>${bundle}<NbOfTxs>${entry.count}</NbOfTxs>` +
      `${money('TtlAmt', entry.amount)}${direction(entry.amount)}</Btch></NtryDtls>`
    )
  }
  if (entry.endToEndId === '' && entry.reason === '') return ''
  const bundle = entry.bundleId === '' ? '' : `<PmtInfId>${xmlId(entry.bundleId, 'bundleId')}</PmtInfId>`
  const id = entry.endToEndId === '' ? '' : `<EndToEndId>${xmlId(entry.endToEndId, 'endToEndId')}</EndToEndId>`
  const refs = bundle === '' && id === '' ? '' : `<Refs>${bundle}${id}</Refs>`
  const amount =
    version === '02'
      ? `<AmtDtls><TxAmt>${money('Amt', entry.amount)}</TxAmt></AmtDtls>`
      : `${money('Amt', entry.amount)}${direction(entry.amount)}`
  const reason = entry.reason === '' ? '' : `<RtrInf><Rsn><Cd>${xmlText(entry.reason)}</Cd></Rsn></RtrInf>`
  return `<NtryDtls><TxDtls>${refs}${amount}${reason}</TxDtls></NtryDtls>`
}

function entryXml(entry: StatementEntry, version: string): string {
  const ref = entry.bundleId || entry.endToEndId
  const code = entry.amount < 0 ? CODE_OUT : entry.reason === '' ? CODE_IN : CODE_RETURN
  return (
    (ref === '' ? '<Ntry>' : `<Ntry><NtryRef>${xmlId(ref, 'NtryRef')}</NtryRef>`) +
    money('Amt', entry.amount) +
    direction(entry.amount) +
    (version === '02' ? '<Sts>BOOK</Sts>' : '<Sts><Cd>BOOK</Cd></Sts>') +
    `<BookgDt><Dt>${formatDay(entry.bookingDate)}</Dt></BookgDt><ValDt><Dt>${formatDay(entry.valueDate)}</Dt></ValDt>` +
    `<AcctSvcrRef>${xmlId(entry.bankRef, 'bankRef')}</AcctSvcrRef>${code}` +
    `${details(entry, version)}</Ntry>\n`
  )
}

function* entriesXml(
  before: string,
  entries: Iterable<StatementEntry>,
  version: string,
  after: string,
): Generator<string> {
  let out = before
  for (const entry of entries) {
    out += entryXml(entry, version)
    if (out.length >= CHUNK) {
      yield out
      out = ''
    }
  }
  yield out + after
}

function opening(message: string, root: string, id: string, options: CamtOptions): string {
  const created = `<CreDtTm>${xmlText(options.createdAt)}</CreDtTm>`
  const header = `<GrpHdr><MsgId>${xmlId(id, 'message id')}</MsgId>${created}</GrpHdr>`
  const namespace = `urn:iso:std:iso:20022:tech:xsd:${message}.001.${options.version}`
  return `${DECLARATION}<Document xmlns="${namespace}"><${root}>${header}\n`
}

function identity(id: string, number: number, options: CamtOptions): string {
  return (
    `<Id>${xmlId(id, 'id')}</Id><ElctrncSeqNb>${number}</ElctrncSeqNb><LglSeqNb>${number}</LglSeqNb>` +
    `<CreDtTm>${xmlText(options.createdAt)}</CreDtTm>\n`
  )
}

/** One statement in one file. `entries` is gone through twice: the totals stand before the entries. @da kontoudtog */
export function writeStatement(
  header: StatementHeader,
  entries: Iterable<StatementEntry>,
  options: CamtOptions,
): Generator<string> {
  const date = formatDay(header.date)
  const before =
    `${opening('camt.053', 'BkToCstmrStmt', header.statementId, options)}<Stmt>` +
    identity(header.statementId, header.number, options) +
    account(header.account) +
    balance('OPBD', header.opening, date) +
    balance('CLBD', header.closing, date) +
    summary(entries, options.version)
  return entriesXml(before, entries, options.version, '</Stmt></BkToCstmrStmt></Document>\n')
}

/** One notification in one file: movements told before or beside the statement. @da kontobevægelsesadvis */
export function writeNotification(
  header: NotificationHeader,
  entries: Iterable<StatementEntry>,
  options: CamtOptions,
): Generator<string> {
  const before =
    `${opening('camt.054', 'BkToCstmrDbtCdtNtfctn', header.notificationId, options)}<Ntfctn>` +
    identity(header.notificationId, header.number, options) +
    account(header.account) +
    summary(entries, options.version)
  return entriesXml(before, entries, options.version, '</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>\n')
}
