/**
 * The posting file of the legacy ERP interface (G69) as data. Shape and contents are those of a production program,
 * github.com/OS2bos/os2bos (format_prism_financial_record, write_prism_file), which follows KMD's GQ311001Q.
 */
export interface PostingField {
  readonly no: number
  readonly name: string
  /** Digits are filled with zeros from the left; 0 is free length, cut at `max`. */
  readonly digits: number
  readonly max: number
  readonly source: string
  readonly assumed: boolean
}

const OS2BOS = 'github.com/OS2bos/os2bos'

/** Fixed head of a posting line: registration place, type, line (5), organisation (4), kind, posting type, format. */
export const LINE_HEAD = { before: '000G69', lineDigits: 5, orgDigits: 4, after: '01NORFLYD' } as const

/** Ascending: the receiver requires it. */
export const FIELDS: readonly PostingField[] = [
  { no: 103, name: 'machine', digits: 5, max: 5, source: OS2BOS, assumed: false },
  { no: 104, name: 'number', digits: 7, max: 7, source: OS2BOS, assumed: false },
  { no: 110, name: 'postingDate', digits: 8, max: 8, source: OS2BOS, assumed: false },
  { no: 111, name: 'account', digits: 0, max: 60, source: OS2BOS, assumed: false },
  { no: 112, name: 'amount', digits: 12, max: 13, source: OS2BOS, assumed: false },
  { no: 113, name: 'debitCredit', digits: 0, max: 1, source: OS2BOS, assumed: false },
  { no: 114, name: 'year', digits: 4, max: 4, source: OS2BOS, assumed: false },
  { no: 117, name: 'reference', digits: 20, max: 20, source: OS2BOS, assumed: false },
  { no: 132, name: 'recipientCode', digits: 2, max: 2, source: OS2BOS, assumed: false },
  { no: 133, name: 'recipient', digits: 10, max: 10, source: OS2BOS, assumed: false },
  { no: 153, name: 'text', digits: 0, max: 60, source: 'no public length', assumed: true },
]

/** Field 132: only the code of a CPR number is known, so other recipients are told in the text alone. */
export const RECIPIENT_CPR = '02'

/** First line of a section: `Z300`, blank, organisation (4), `6`, six blanks, day of the year, `1`. */
export const SECTION_HEAD = { before: 'Z300 ', middle: '6      ', after: '1' } as const
/** Last line of a section: `SLUTD` and the number of posting lines (5). */
export const SECTION_END = 'SLUTD'
/** The line number has five digits. A longer file is several sections, each with its own head, end and balance. */
export const LINES_PER_SECTION = 99_999

/** Assumed: the machine number is given by the receiver. */
export const MACHINE = '00001'
export const LINE_END = '\n'

export const KINDS = ['own_atp', 'am', 'tax', 'set_off', 'third_party', 'net', 'employer_atp', 'pension'] as const
export type PostingKind = (typeof KINDS)[number]

/** What an aggregated posting is of. */
export type TextKind = PostingKind | 'correction'

/** Field 153 of an aggregated posting, by kind. Texts that the municipality's bookkeeper reads. */
export const KIND_TEXTS: Readonly<Record<TextKind, string>> = {
  correction: 'Regulering',
  own_atp: 'ATP egetbidrag',
  am: 'AM-bidrag',
  tax: 'A-skat',
  set_off: 'Modregning',
  third_party: 'Tredjepart',
  net: 'Til udbetaling',
  employer_atp: 'ATP kommunens andel',
  pension: 'Obligatorisk pension',
}
