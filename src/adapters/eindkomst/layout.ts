/**
 * The eIndkomst records as data: which field stands where. An official layout replaces this table and nothing else.
 * `assumed` is false only where the tax authority's own page gives the position; a third party's reading of it is
 * named as source and still assumed. Positions count from 1, as in the authority's pages.
 */

/** N: digits, zeros to the left; NR: to the right. A: text, blanks to the right; AR: to the left. */
export type FieldType = 'N' | 'A' | 'AR' | 'NR'

export interface Field {
  readonly name: string
  readonly from: number
  readonly length: number
  readonly type: FieldType
  /** A fixed content; without it the writer supplies the value by name. */
  readonly fixed?: string
  readonly source: string
  readonly assumed: boolean
}

export type RecordNo = 1000 | 2001 | 5000 | 6000 | 6001 | 6002 | 6004 | 9999

const SKAT_6000 = 'skat.dk oid=1745567'
const SKAT_5000 = 'info.skat.dk oid=1745565'
/** A public program that builds these files; it names info.skat.dk oid=1745538 as its own source. */
const TAXCARDBUILDER = 'github.com/AlbertRossJoh/TaxCardBuilder'

function known(name: string, from: number, length: number, type: FieldType, source: string, fixed?: string): Field {
  return { name, from, length, type, source, assumed: false, ...(fixed === undefined ? {} : { fixed }) }
}

function guess(name: string, from: number, length: number, type: FieldType, source: string, fixed?: string): Field {
  return { name, from, length, type, source, assumed: true, ...(fixed === undefined ? {} : { fixed }) }
}

function start(record: RecordNo): readonly Field[] {
  return [known('Lb_nr', 1, 7, 'N', SKAT_6000), known('Rec_nr', 8, 4, 'N', SKAT_6000, String(record))]
}

export const LAYOUT: Readonly<Record<RecordNo, readonly Field[]>> = {
  1000: [
    ...start(1000),
    guess('Dato_sendt', 12, 8, 'N', TAXCARDBUILDER),
    guess('Klok_sendt', 20, 6, 'N', TAXCARDBUILDER),
    guess('Indberetter_SE', 26, 8, 'N', TAXCARDBUILDER),
    guess('Indberetter_CVR', 34, 8, 'N', TAXCARDBUILDER),
    guess('Indberettertype', 42, 2, 'N', TAXCARDBUILDER, '01'),
    guess('Indberetningsmetode', 49, 1, 'N', TAXCARDBUILDER, '0'),
    guess('Edb_system', 50, 20, 'AR', TAXCARDBUILDER, 'TOEK'),
    guess('Edb_system_version', 70, 20, 'AR', TAXCARDBUILDER, '1'),
    guess('HovedindberetningsID', 90, 16, 'A', TAXCARDBUILDER),
    guess('Version', 106, 3, 'A', TAXCARDBUILDER, '2.0'),
    guess('Test_produktion', 109, 1, 'A', TAXCARDBUILDER),
    guess('System', 142, 1, 'A', TAXCARDBUILDER, 'E'),
  ],
  2001: [
    ...start(2001),
    guess('Virksomhed_SE', 28, 8, 'N', TAXCARDBUILDER),
    guess('Ophoer', 36, 1, 'A', TAXCARDBUILDER, ' '),
    guess('Valutakode', 37, 3, 'A', TAXCARDBUILDER, 'DKK'),
  ],
  5000: [
    ...start(5000),
    known('Rettelse_tidl_periode', 12, 1, 'A', SKAT_5000, ' '),
    guess('IndberetningsID', 13, 16, 'A', TAXCARDBUILDER),
    guess('ReferenceID', 29, 16, 'A', TAXCARDBUILDER, ''),
    guess('Periode_start', 45, 8, 'N', TAXCARDBUILDER),
    guess('Periode_slut', 53, 8, 'N', TAXCARDBUILDER),
    guess('Dispositionsdato', 61, 8, 'N', TAXCARDBUILDER),
    guess('Forud_bagud', 70, 1, 'A', TAXCARDBUILDER, 'B'),
    guess('Groenlandsk_kommune', 71, 3, 'N', TAXCARDBUILDER, '000'),
    known('Indkomsttype', 74, 2, 'N', SKAT_5000),
  ],
  6000: [
    ...start(6000),
    known('Filler', 12, 8, 'N', SKAT_6000, '00000000'),
    known('Person_CPR', 20, 10, 'N', SKAT_6000),
    known('Person_SE', 30, 8, 'N', SKAT_6000),
    known('Medarbejdernr', 38, 15, 'A', SKAT_6000, ''),
    // Position 53 was E101 until 2011; later readings have TIN (27) and its country (2) here. The kind follows these.
    guess('TIN', 53, 27, 'A', TAXCARDBUILDER, ''),
    guess('TIN_land', 80, 2, 'A', TAXCARDBUILDER, ''),
    guess('Indtaegtsart', 82, 4, 'N', TAXCARDBUILDER),
    guess('P_nummer', 86, 10, 'A', TAXCARDBUILDER, ''),
  ],
  6001: [
    ...start(6001),
    guess('Felt_nr', 12, 4, 'N', TAXCARDBUILDER),
    guess('Kroner', 16, 10, 'N', TAXCARDBUILDER),
    guess('Decimaler', 26, 6, 'NR', TAXCARDBUILDER),
    guess('Fortegn', 32, 1, 'A', TAXCARDBUILDER),
  ],
  6002: [...start(6002), guess('Felt_nr', 12, 4, 'N', TAXCARDBUILDER), guess('Kode', 16, 10, 'N', TAXCARDBUILDER)],
  6004: [...start(6004), guess('Felt_nr', 12, 4, 'N', TAXCARDBUILDER), guess('Tekst', 16, 58, 'A', TAXCARDBUILDER)],
  9999: [...start(9999), guess('Antal_records', 12, 7, 'N', TAXCARDBUILDER)],
}

/** Field numbers of the values. Amounts go in 6001, codes in 6002, texts in 6004. */
export const FIELD_NUMBERS = {
  /** A-income with AM-bidrag, after own ATP. Source: skat.dk oid=2233519. */
  amIncome: '0013',
  /** A-income without AM-bidrag, after own ATP. */
  aIncome: '0014',
  aTax: '0015',
  amBidrag: '0016',
  /** Code of the ATP rate. */
  atpCode: '0045',
  /** Own and employer's share together. */
  atp: '0046',
  /** Obligatory pension. Assumed: only a third party names the number (TaxCardBuilder). */
  pension: '0047',
  /**
   * What was paid back of kontanthjælp of an earlier year, before tax (ligningsloven § 8 O), in the month in which it
   * was received. Only a third party names the number (TaxCardBuilder): assumed.
   */
  repaid: '0098',
  /** Account in Ydelsesrefusion, common to municipalities. Source: info.skat.dk oid=2236644. */
  refundAccount: '0115',
  /** Benefit period, required beside an account of kind 1. Its record and form are assumed. */
  benefitPeriod: '0214',
} as const

/**
 * ATP rate code by rule; '' writes no 6002. The codes are A–D (info.skat.dk oid=1823456); A is the full monthly
 * contribution. Which code hourly ATP of sygedagpenge takes is not public, so none is claimed.
 */
export const ATP_CODES = { none: '', monthly: 'A', hourly: '', flekstilskud: '' } as const
