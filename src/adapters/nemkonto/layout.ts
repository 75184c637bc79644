/**
 * What the messages to and from the NemKonto system look like. The message names and the division into levels A, B and
 * C are public; the names of the elements within are not. They stand here as data, so that the day the interface
 * description is at hand this file changes and no code does. Each name carries what it rests on.
 *
 * Public: docplayer.dk/2838873 (interface description), docplayer.dk/13785650 (XML schemas, derived from SWIFT/ISO with
 * deviations), nemkonto.dk (answers 0, 1, 2, 7, 8, 9), OASIS ebXML Message Service 2.0 (envelope).
 */
export interface Name {
  readonly element: string
  readonly basis: 'public' | 'assumed'
  /** The assumption, or where the name is published. */
  readonly note: string
}

function open(element: string, note: string): Name {
  return { element, basis: 'public', note }
}

function assumed(element: string, note: string): Name {
  return { element, basis: 'assumed', note }
}

const EBXML = 'OASIS ebMS 2.0'
const NKS = 'docplayer.dk/2838873'
const ISO = 'assumed: the name of the ISO 20022 element that the level is derived from'

export const ENVELOPE = {
  root: open('SOAP-ENV:Envelope', EBXML),
  header: open('SOAP-ENV:Header', EBXML),
  messageHeader: open('eb:MessageHeader', EBXML),
  from: open('eb:From', EBXML),
  to: open('eb:To', EBXML),
  party: open('eb:PartyId', EBXML),
  conversation: open('eb:ConversationId', EBXML),
  service: open('eb:Service', EBXML),
  action: open('eb:Action', EBXML),
  data: open('eb:MessageData', EBXML),
  messageId: open('eb:MessageId', EBXML),
  timestamp: open('eb:Timestamp', EBXML),
  body: assumed('SOAP-ENV:Body', 'assumed: the payload lies in the body, not in a MIME part beside it'),
} as const satisfies Record<string, Name>

export const NAMESPACES =
  ' xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"' +
  ' xmlns:eb="http://www.oasis-open.org/committees/ebxml-msg/schema/msg-header-2_0.xsd"'

/** Who speaks to whom in the envelope. */
export const PARTIES = {
  nemKonto: 'NKS', // assumed: the party id of the NemKonto system
  service: 'NKSBetaling', // assumed: the service name
} as const

export const PAYMENT = {
  message: open('NKSPayment', NKS),
  groupHeader: assumed('GrpHdr', `level A; ${ISO}`),
  fileId: assumed('MsgId', ISO),
  createdAt: assumed('CreDtTm', ISO),
  count: assumed('NbOfTxs', ISO),
  sum: assumed('CtrlSum', ISO),
  bundle: assumed('PmtInf', `level B; ${ISO}`),
  bundleId: assumed('PmtInfId', ISO),
  debtor: assumed('DbtrId', 'assumed: the paying authority by CVR number'),
  losKey: assumed('UdbetalendeEnhed', 'assumed: the paying unit by its LOS key'),
  piAgreement: assumed('PIAftale', "assumed: the bank's agreement number, ordered per paying unit"),
  debitAccount: assumed('DbtrAcct', 'assumed: registration number (4) and account (10) in one'),
  dispositionDate: assumed('DispDt', 'assumed: YYYY-MM-DD'),
  payment: assumed('CdtTrfTxInf', `level C; ${ISO}`),
  endToEndId: assumed('EndToEndId', ISO),
  amount: assumed('InstdAmt', `${ISO}; kroner with two decimals`),
  payee: assumed('CdtrId', 'assumed: the number alone; its kind is an attribute'),
  account: assumed('CdtrAcct', 'assumed: registration number (4) and account (10) in one; only of a complete payment'),
  kind: assumed('YdelsesArt', 'assumed: code by which NKS chooses a specific account'),
  text: assumed('Ustrd', `${ISO}; at most 140 characters`),
} as const satisfies Record<string, Name>

/** Attribute of the payee's number, and its values. */
export const PAYEE_SCHEME = { attribute: 'Schme', cpr: 'CPR', cvr: 'CVR', se: 'SE', p: 'PNR' } as const // assumed

export const CURRENCY = { attribute: 'Ccy', krone: 'DKK' } as const

export const ANSWER = {
  message: assumed('NKSAnswers', 'assumed: several answers in one file under one root'),
  header: assumed('GrpHdr', ISO),
  answerId: assumed('MsgId', ISO),
  fileId: assumed('OrgnlMsgId', ISO),
  createdAt: assumed('CreDtTm', ISO),
  count: assumed('NbOfTxs', 'assumed: counts every answer in the file, known or not'),
  endToEndId: assumed('OrgnlEndToEndId', 'assumed: in answers 2, 7, 8 and 9'),
  receivedId: assumed('OrgnlMsgId', 'assumed: in answers 0 and 1'),
  reason: assumed('Rsn', 'assumed: absent when all is well'),
  waitingAccount: assumed('StatsligVentekonto', "assumed: true when the state's waiting account took the money"),
} as const satisfies Record<string, Name>

/** NemKonto's own stop of a payment until it is carried out. That there is one is public; its message is not. */
export const STOP = {
  message: assumed('NKSStop', 'assumed: one payment in each message'),
  header: assumed('GrpHdr', ISO),
  stopId: assumed('MsgId', ISO),
  createdAt: assumed('CreDtTm', ISO),
  fileId: assumed('OrgnlMsgId', ISO),
  endToEndId: assumed('OrgnlEndToEndId', ISO),
  amount: assumed('OrgnlInstdAmt', `${ISO}; kroner with two decimals`),
  reason: assumed('Rsn', 'assumed: a code of ISO 20022, as a bank is told'),
} as const satisfies Record<string, Name>

export const STOP_ANSWER = {
  message: assumed('NKSStopAnswer', 'assumed'),
  header: assumed('GrpHdr', ISO),
  answerId: assumed('MsgId', ISO),
  createdAt: assumed('CreDtTm', ISO),
  fileId: assumed('OrgnlMsgId', ISO),
  endToEndId: assumed('OrgnlEndToEndId', ISO),
  status: assumed('Sts', 'assumed: STOPPET, AFVIST or BEHANDLES'),
  reason: assumed('Rsn', 'assumed: absent when it is stopped'),
} as const satisfies Record<string, Name>

/** Assumed: stopped before it was carried out; too late or unknown; not decided yet. */
export const STOP_STATUS = { STOPPET: 'cancelled', AFVIST: 'refused', BEHANDLES: 'pending' } as const

/** The name of each answer message. 5 is seen in an old interface list but not among the published answers. */
export const ANSWER_KINDS = {
  0: open('NKSReceipt0', NKS),
  1: open('NKSReceipt1', NKS),
  2: open('NKSResponse2', NKS),
  7: open('NKSResponse7', NKS),
  8: open('NKSResponse8', NKS),
  9: open('NKSResponse9', NKS),
} as const satisfies Record<number, Name>
