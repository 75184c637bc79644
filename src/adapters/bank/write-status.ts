/**
 * Writes answers to a payment file as a bank would: pain.002, .03 and .10. Only the fake uses it; it stands here
 * because the format does. Valid against the official schemas. Same input, same bytes.
 */
import { CHUNK, DECLARATION, xmlId, xmlText } from '../../base/xml-out.ts'

export interface StatusHeader {
  readonly answerId: string
  readonly createdAt: string
  readonly fileId: string
  /** The version of the payment file that is answered. */
  readonly painVersion: '03' | '09'
  readonly count: number
}

/** Of a file, a bundle or a payment; status '' says nothing. */
export interface Status {
  readonly status: string
  /** ISO reason code; '' none. */
  readonly reason: string
  readonly text: string
}

export interface BundleStatus extends Status {
  readonly bundleId: string
  readonly payments: Iterable<Status & { readonly endToEndId: string }>
}

function reasonXml({ reason, text }: Status): string {
  if (reason === '' && text === '') return ''
  const code = reason === '' ? '' : `<Rsn><Cd>${xmlText(reason)}</Cd></Rsn>`
  const words = text === '' ? '' : `<AddtlInf>${xmlText(text.slice(0, 105))}</AddtlInf>`
  return `<StsRsnInf>${code}${words}</StsRsnInf>`
}

function statusXml(name: string, status: Status): string {
  return (status.status === '' ? '' : `<${name}>${status.status}</${name}>`) + reasonXml(status)
}

/** The file in chunks of about 64 KB. @da statusrapport */
export function* writeStatus(header: StatusHeader, file: Status, bundles: Iterable<BundleStatus>): Generator<string> {
  const version = header.painVersion === '03' ? '03' : '10'
  let out =
    `${DECLARATION}<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.${version}"><CstmrPmtStsRpt>\n` +
    `<GrpHdr><MsgId>${xmlId(header.answerId, 'answerId')}</MsgId><CreDtTm>${xmlText(header.createdAt)}</CreDtTm></GrpHdr>\n` +
    `<OrgnlGrpInfAndSts><OrgnlMsgId>${xmlId(header.fileId, 'fileId')}</OrgnlMsgId>` +
    `<OrgnlMsgNmId>pain.001.001.${header.painVersion}</OrgnlMsgNmId><OrgnlNbOfTxs>${header.count}</OrgnlNbOfTxs>` +
    `${statusXml('GrpSts', file)}</OrgnlGrpInfAndSts>\n`
  for (const { bundleId, payments, ...bundle } of bundles) {
    out += `<OrgnlPmtInfAndSts><OrgnlPmtInfId>${xmlId(bundleId, 'bundleId')}</OrgnlPmtInfId>${statusXml('PmtInfSts', bundle)}\n`
    for (const { endToEndId, ...payment } of payments) {
      const id = `<OrgnlEndToEndId>${xmlId(endToEndId, 'endToEndId')}</OrgnlEndToEndId>`
      out += `<TxInfAndSts>${id}${statusXml('TxSts', payment)}</TxInfAndSts>\n`
      if (out.length < CHUNK) continue
      yield out
      out = ''
    }
    out += '</OrgnlPmtInfAndSts>\n'
  }
  yield `${out}</CstmrPmtStsRpt></Document>\n`
}
