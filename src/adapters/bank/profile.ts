/**
 * What differs from bank to bank, as data. Danish banks take a payee by CPR or CVR instead of by account
 * ("EasyAccount", NemKonto); where the number stands is a matter of the bank's own guide.
 * Public: the Danish CGI MIG appendix (docplayer.net/8221281). Every value below is assumed until a bank's guide is
 * at hand.
 */
import type { PartyType } from '../../modules/parties/index.ts'

export interface BankProfile {
  readonly name: string
  /** Version of pain.001; the bank answers in the pain.002 that goes with it. */
  readonly version: '03' | '09'
  /** `account`: CdtrAcct/Id/Othr; `party`: Cdtr/Id with PrvtId for CPR and OrgId for companies. */
  readonly placement: 'account' | 'party'
  /** Proprietary scheme name of the payee's number. */
  readonly schemes: Readonly<Record<PartyType, string>>
  /** BIC of the debtor's bank; '' when the bank does not ask for it. */
  readonly bic: string
  /** ISO external service level and category purpose; '' to leave out. */
  readonly serviceLevel: string
  readonly categoryPurpose: string
  /** Whether the kind of benefit (ydelsesart) goes along as a proprietary purpose. */
  readonly tellKind: boolean
  /** `latin1`: letters beyond ISO 8859-1 lose their marks or become `?`; Danish ones are within it. */
  readonly characters: 'unicode' | 'latin1'
  /** Whether the bank is asked to book a bundle as one movement. */
  readonly batchBooking: boolean
  readonly basis: string
}

const SCHEMES = { cpr: 'CPR', cvr: 'CVR', se: 'SE', p: 'PNR' } as const

export const ACCOUNT_PROFILE: BankProfile = {
  name: 'number as creditor account, pain.001.001.03',
  version: '03',
  placement: 'account',
  schemes: SCHEMES,
  bic: '',
  serviceLevel: 'NURG',
  categoryPurpose: '',
  tellKind: true,
  characters: 'unicode',
  batchBooking: true,
  basis: 'assumed',
}

export const PARTY_PROFILE: BankProfile = {
  ...ACCOUNT_PROFILE,
  name: 'number as creditor identity, pain.001.001.09',
  version: '09',
  placement: 'party',
  characters: 'latin1',
}
