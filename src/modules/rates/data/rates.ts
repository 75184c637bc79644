/** Dated rates: AM-bidrag, tax without a card, obligatory pension, ATP. Rates in millionths, amounts in whole øre. */
import { ore } from '../../../base/money.ts'
import type { AtpRate, DatedRate } from '../rate-book.ts'
import { valid } from './forever.ts'

const PENSION_SOURCE = 'Lov om aktiv socialpolitik § 80 c; sygedagpengeloven § 67 a'

/** Year and rate; the last one goes on. The Folketing decides by 2029 what follows 2030. */
const PENSION_BY_YEAR: readonly (readonly [number, number])[] = [
  [2020, 3_000],
  [2021, 6_000],
  [2022, 9_000],
  [2023, 12_000],
  [2024, 15_000],
  [2025, 18_000],
  [2026, 21_000],
  [2027, 24_000],
  [2028, 27_000],
  [2029, 30_000],
  [2030, 33_000],
]

const beforePension: DatedRate = {
  name: 'obligatory_pension',
  valid: valid('2014-01-01', '2020-01-01'),
  rate: 0,
  source: `${PENSION_SOURCE}: no obligatory pension before 2020`,
  assumed: false,
}

export const DATED_RATES: readonly DatedRate[] = [
  {
    name: 'am_bidrag',
    valid: valid('2011-01-01'),
    rate: 80_000,
    source: 'Arbejdsmarkedsbidragsloven § 1',
    assumed: false,
  },
  {
    name: 'tax_without_card',
    valid: valid('2011-01-01'),
    rate: 550_000,
    source: 'Kildeskatteloven § 48: 55 % without allowance when no card is known',
    assumed: false,
  },
  beforePension,
  ...PENSION_BY_YEAR.map(([year, rate], i): DatedRate => {
    const next = PENSION_BY_YEAR[i + 1]
    return {
      name: 'obligatory_pension',
      valid: valid(`${year}-01-01`, next === undefined ? undefined : `${next[0]}-01-01`),
      rate,
      source: PENSION_SOURCE,
      assumed: false,
    }
  }),
]

const ATP_BEK = 'BEK 1600 af 27/12/2019 (ATP af kontanthjælp m.v.); borger.dk, historiske ATP-satser'
const NO_SHARE = { ownRate: 0, ownCap: ore(0) }

/** The smallest benefit is the one for people without children; the higher one for providers is not in an order. */
export const ATP_RATES: readonly AtpRate[] = [
  {
    rule: 'monthly',
    valid: valid('2014-01-01', '2016-01-01'),
    own: ore(90_00),
    employer: ore(180_00),
    minimumBenefit: ore(10_968_00),
    ...NO_SHARE,
    source: 'borger.dk, historiske ATP-satser (A-bidrag 270 kr.); the smallest benefit is that of 2016',
    assumed: true,
  },
  {
    rule: 'monthly',
    valid: valid('2016-01-01', '2017-01-01'),
    own: ore(95_00),
    employer: ore(189_00),
    minimumBenefit: ore(10_968_00),
    ...NO_SHARE,
    source: 'bm.dk, satser for 2016, ATP: lov om aktiv socialpolitik § 79, stk. 3, og § 80',
    assumed: false,
  },
  {
    rule: 'monthly',
    valid: valid('2017-01-01', '2021-01-01'),
    own: ore(95_00),
    employer: ore(189_00),
    minimumBenefit: ore(10_968_00),
    ...NO_SHARE,
    source: `${ATP_BEK}; the smallest benefit is that of 2016, later ones not found`,
    assumed: true,
  },
  {
    rule: 'monthly',
    valid: valid('2021-01-01', '2022-01-01'),
    own: ore(95_00),
    employer: ore(189_00),
    minimumBenefit: ore(11_698_00),
    ...NO_SHARE,
    source: 'jcenter.dk, satser 2021: lov om aktiv socialpolitik § 79, stk. 3, og § 80',
    assumed: false,
  },
  {
    rule: 'monthly',
    valid: valid('2022-01-01', '2024-01-01'),
    own: ore(95_00),
    employer: ore(189_00),
    minimumBenefit: ore(11_698_00),
    ...NO_SHARE,
    source: `${ATP_BEK}; the smallest benefit is that of 2021, later ones not found`,
    assumed: true,
  },
  {
    rule: 'monthly',
    valid: valid('2024-01-01'),
    own: ore(99_00),
    employer: ore(198_00),
    minimumBenefit: ore(11_698_00),
    ...NO_SHARE,
    source: 'borger.dk, historiske ATP-satser (A-bidrag 297 kr. from 2024); the smallest benefit is that of 2021',
    assumed: true,
  },
  {
    rule: 'hourly',
    valid: valid('2014-01-01', '2016-01-01'),
    own: ore(1_28),
    employer: ore(2_56),
    minimumBenefit: ore(0),
    ...NO_SHARE,
    source:
      'BEK af 9/12/2008 om ændring af BEK 1461/2007 (retsinformation id=122342): double contribution 3,84 kr. an hour',
    assumed: false,
  },
  {
    rule: 'hourly',
    valid: valid('2016-01-01', '2024-01-01'),
    own: ore(1_34),
    employer: ore(2_68),
    minimumBenefit: ore(0),
    ...NO_SHARE,
    source:
      'BEK 1348/2015 § 1, stk. 3; borger.dk, ATP af offentlige ydelser 2023: double contribution 4,02 kr. an hour',
    assumed: false,
  },
  {
    rule: 'hourly',
    valid: valid('2024-01-01'),
    own: ore(1_42),
    employer: ore(2_84),
    minimumBenefit: ore(0),
    ...NO_SHARE,
    source: 'borger.dk, ATP af offentlige ydelser 2024: double contribution 4,26 kr. an hour',
    assumed: false,
  },
  {
    rule: 'flekstilskud',
    valid: valid('2014-01-01'),
    own: ore(0),
    // The municipality pays by the hours up to 37 that are not worked; they stand in the income register, not in an
    // order.
    employer: ore(0),
    minimumBenefit: ore(0),
    ownRate: 50_000,
    ownCap: ore(500_00),
    source:
      'LAB § 137 (5 %, at most 500 kr. a month); BEK 1344/2015 § 2 (nearest krone); own share of the municipality left out',
    assumed: true,
  },
]
