/**
 * The 98 municipalities. Codes and names: Danmarks Adressers Web API (DAWA), kommuner. Population: Danmarks Statistik,
 * FOLK1A, rounded to about a thousand; it serves sizing only. CVR numbers of the four largest: the CVR register; the
 * others are invented by a rule (see `municipalityCvr`). Which rounding and which booking a municipality has chosen is
 * assumed: no list of it is public.
 */
import type { Municipality } from '../../../base/id.ts'
import type { MunicipalityRow, Sourced, TaxMethod } from '../rate-book.ts'

const PUBLIC_CVR: ReadonlyMap<Municipality, string> = new Map([
  [101, '64942212'],
  [461, '35209115'],
  [751, '55133018'],
  [851, '29189420'],
])

const TAX_METHOD: ReadonlyMap<Municipality, TaxMethod> = new Map([
  [265, 'nearest_krone'],
  [461, 'drop_ore'],
  [825, 'exact_ore'],
])

/** The bank books each payment by itself for these. */
const BOOKED_ONE_BY_ONE: ReadonlySet<Municipality> = new Set([563, 751, 825])

const CVR_WEIGHTS = [2, 7, 6, 5, 4, 3, 2]
const NEXT_TRY = 50_000

/**
 * The CVR number of a municipality: 8 digits as text. Where the product knows no public one it is 99, the code in five
 * digits and the check digit (weights 2 7 6 5 4 3 2 1, sum divisible by 11); a code that gives no digit is tried +
 * 50000.
 */
export function municipalityCvr(code: Municipality): string {
  const known = PUBLIC_CVR.get(code)
  if (known !== undefined) return known
  for (let part = code; ; part += NEXT_TRY) {
    const seven = `99${String(part).padStart(5, '0')}`
    let sum = 0
    for (let i = 0; i < 7; i++) sum += (CVR_WEIGHTS[i] as number) * (seven.charCodeAt(i) - 48)
    const digit = (11 - (sum % 11)) % 11
    if (digit < 10) return seven + String(digit)
  }
}

/** Code, name, population. */
const TABLE: readonly (readonly [Municipality, string, number])[] = [
  [101, 'København', 660_000],
  [147, 'Frederiksberg', 105_000],
  [151, 'Ballerup', 52_000],
  [153, 'Brøndby', 39_500],
  [155, 'Dragør', 14_600],
  [157, 'Gentofte', 75_000],
  [159, 'Gladsaxe', 70_000],
  [161, 'Glostrup', 24_000],
  [163, 'Herlev', 30_000],
  [165, 'Albertslund', 28_000],
  [167, 'Hvidovre', 54_000],
  [169, 'Høje-Taastrup', 58_000],
  [173, 'Lyngby-Taarbæk', 58_700],
  [175, 'Rødovre', 44_000],
  [183, 'Ishøj', 24_000],
  [185, 'Tårnby', 43_000],
  [187, 'Vallensbæk', 17_000],
  [190, 'Furesø', 42_000],
  [201, 'Allerød', 26_000],
  [210, 'Fredensborg', 42_000],
  [217, 'Helsingør', 64_000],
  [219, 'Hillerød', 54_000],
  [223, 'Hørsholm', 25_000],
  [230, 'Rudersdal', 58_000],
  [240, 'Egedal', 46_000],
  [250, 'Frederikssund', 46_000],
  [253, 'Greve', 52_000],
  [259, 'Køge', 62_000],
  [260, 'Halsnæs', 32_000],
  [265, 'Roskilde', 91_000],
  [269, 'Solrød', 24_000],
  [270, 'Gribskov', 41_000],
  [306, 'Odsherred', 33_000],
  [316, 'Holbæk', 74_000],
  [320, 'Faxe', 37_000],
  [326, 'Kalundborg', 48_000],
  [329, 'Ringsted', 36_000],
  [330, 'Slagelse', 80_000],
  [336, 'Stevns', 24_000],
  [340, 'Sorø', 30_000],
  [350, 'Lejre', 29_000],
  [360, 'Lolland', 39_000],
  [370, 'Næstved', 84_000],
  [376, 'Guldborgsund', 60_000],
  [390, 'Vordingborg', 45_000],
  [400, 'Bornholm', 39_000],
  [410, 'Middelfart', 40_000],
  [420, 'Assens', 41_000],
  [430, 'Faaborg-Midtfyn', 52_000],
  [440, 'Kerteminde', 24_000],
  [450, 'Nyborg', 32_000],
  [461, 'Odense', 210_000],
  [479, 'Svendborg', 59_000],
  [480, 'Nordfyns', 30_000],
  [482, 'Langeland', 12_000],
  [492, 'Ærø', 6_000],
  [510, 'Haderslev', 55_000],
  [530, 'Billund', 27_000],
  [540, 'Sønderborg', 74_000],
  [550, 'Tønder', 37_000],
  [561, 'Esbjerg', 116_000],
  [563, 'Fanø', 3_400],
  [573, 'Varde', 50_000],
  [575, 'Vejen', 43_000],
  [580, 'Aabenraa', 59_000],
  [607, 'Fredericia', 53_000],
  [615, 'Horsens', 97_000],
  [621, 'Kolding', 95_000],
  [630, 'Vejle', 121_000],
  [657, 'Herning', 90_000],
  [661, 'Holstebro', 59_000],
  [665, 'Lemvig', 19_000],
  [671, 'Struer', 21_000],
  [706, 'Syddjurs', 44_000],
  [707, 'Norddjurs', 37_000],
  [710, 'Favrskov', 50_000],
  [727, 'Odder', 23_000],
  [730, 'Randers', 100_000],
  [740, 'Silkeborg', 100_000],
  [741, 'Samsø', 3_700],
  [746, 'Skanderborg', 65_000],
  [751, 'Aarhus', 368_000],
  [756, 'Ikast-Brande', 43_000],
  [760, 'Ringkøbing-Skjern', 56_000],
  [766, 'Hedensted', 48_000],
  [773, 'Morsø', 20_000],
  [779, 'Skive', 44_000],
  [787, 'Thisted', 43_000],
  [791, 'Viborg', 97_000],
  [810, 'Brønderslev', 37_000],
  [813, 'Frederikshavn', 58_000],
  [820, 'Vesthimmerlands', 36_000],
  [825, 'Læsø', 1_800],
  [840, 'Rebild', 31_000],
  [846, 'Mariagerfjord', 42_000],
  [849, 'Jammerbugt', 38_000],
  [851, 'Aalborg', 223_000],
  [860, 'Hjørring', 63_000],
]

/** Where the name of a row and «Kommune» do not make the municipality's own name; as borger.dk lists them. */
const OWN_NAME: ReadonlyMap<string, string> = new Map([
  ['København', 'Københavns Kommune'],
  ['Bornholm', 'Bornholms Regionskommune'],
])

/** What the municipality of a row calls itself: `Aarhus Kommune`. */
export function municipalityName({ name }: Pick<MunicipalityRow, 'name'>): string {
  return OWN_NAME.get(name) ?? `${name} Kommune`
}

export interface MunicipalityData extends MunicipalityRow, Sourced {}

export const MUNICIPALITIES: readonly MunicipalityData[] = TABLE.map(([code, name, population]) => ({
  code,
  name,
  population,
  cvr: municipalityCvr(code),
  taxMethod: TAX_METHOD.get(code) ?? 'base_tens_tax_up',
  batchBooking: !BOOKED_ONE_BY_ONE.has(code),
  source: PUBLIC_CVR.has(code)
    ? 'DAWA kommuner; Danmarks Statistik FOLK1A (rounded); CVR-registeret; rounding and booking assumed'
    : 'DAWA kommuner; Danmarks Statistik FOLK1A (rounded); CVR invented, rounding and booking assumed',
  assumed: true,
}))
