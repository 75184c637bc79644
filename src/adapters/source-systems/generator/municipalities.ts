/**
 * The 98 municipalities: code, name, population. Population is rounded (hundreds, fifties for the smallest) and
 * approximate: Danmarks Statistik, FOLK1A, about 2025, afrundet. It only spreads the volume, nothing is paid by it.
 */
import { assert } from '../../../base/assert.ts'
import type { Municipality } from '../../../base/id.ts'

export interface MunicipalityFact {
  readonly code: Municipality
  readonly name: string
  /** Approximate; source Danmarks Statistik FOLK1A, afrundet. */
  readonly population: number
}

const TABLE = `
101 København 667000|147 Frederiksberg 106000|151 Ballerup 52500|153 Brøndby 41000|155 Dragør 14700
157 Gentofte 74600|159 Gladsaxe 69500|161 Glostrup 24000|163 Herlev 30000|165 Albertslund 27700
167 Hvidovre 53800|169 Høje-Taastrup 59500|173 Lyngby-Taarbæk 58800|175 Rødovre 44500|183 Ishøj 24400
185 Tårnby 43400|187 Vallensbæk 17300|190 Furesø 42000|201 Allerød 26300|210 Fredensborg 42500
217 Helsingør 64000|219 Hillerød 55000|223 Hørsholm 24800|230 Rudersdal 57900|240 Egedal 45700
250 Frederikssund 46600|253 Greve 52800|259 Køge 63000|260 Halsnæs 31700|265 Roskilde 91900
269 Solrød 24600|270 Gribskov 41500|306 Odsherred 33400|316 Holbæk 74600|320 Faxe 37500
326 Kalundborg 48800|329 Ringsted 36000|330 Slagelse 80100|336 Stevns 23600|340 Sorø 30500
350 Lejre 29300|360 Lolland 39600|370 Næstved 84400|376 Guldborgsund 59700|390 Vordingborg 45700
400 Bornholm 39100|410 Middelfart 40600|420 Assens 40800|430 Faaborg-Midtfyn 52100|440 Kerteminde 24100
450 Nyborg 32300|461 Odense 210800|479 Svendborg 59700|480 Nordfyns 29800|482 Langeland 12000
492 Ærø 5900|510 Haderslev 55200|530 Billund 27100|540 Sønderborg 74000|550 Tønder 36600
561 Esbjerg 115700|563 Fanø 3400|573 Varde 49500|575 Vejen 42800|580 Aabenraa 58600
607 Fredericia 53200|615 Horsens 98000|621 Kolding 95900|630 Vejle 122900|657 Herning 90100
661 Holstebro 59200|665 Lemvig 18800|671 Struer 20700|706 Syddjurs 44500|707 Norddjurs 36900
710 Favrskov 50200|727 Odder 24000|730 Randers 100100|740 Silkeborg 101300|741 Samsø 3700
746 Skanderborg 66200|751 Aarhus 373400|756 Ikast-Brande 42600|760 Ringkøbing-Skjern 56100|766 Hedensted 47900
773 Morsø 19900|779 Skive 44600|787 Thisted 43200|791 Viborg 98000|810 Brønderslev 36600
813 Frederikshavn 58500|820 Vesthimmerlands 36300|825 Læsø 1750|840 Rebild 31000|846 Mariagerfjord 41900
849 Jammerbugt 38600|851 Aalborg 224600|860 Hjørring 63200`

export const MUNICIPALITIES: readonly MunicipalityFact[] = TABLE.trim()
  .split(/[|\n]/)
  .map((row) => {
    const [code, name, population] = row.split(' ') as [string, string, string]
    return { code: Number(code), name, population: Number(population) }
  })

const NATIONAL_POPULATION = MUNICIPALITIES.reduce((sum, row) => sum + row.population, 0)

export interface Place extends MunicipalityFact {
  /** Share of the national population, 0…1. */
  readonly share: number
  /** Share of all municipalities before this one: cuts the ranges so that no two towns invent the same person. */
  readonly before: number
}

const PLACES = new Map<Municipality, Place>()
let running = 0
for (const row of MUNICIPALITIES) {
  PLACES.set(row.code, { ...row, share: row.population / NATIONAL_POPULATION, before: running / NATIONAL_POPULATION })
  running += row.population
}

export function placeOf(code: Municipality): Place | undefined {
  return PLACES.get(code)
}

/** The CVR numbers that are publicly known; the others are invented by the rule below. */
const KNOWN_CVR = new Map<Municipality, string>([
  [101, '64942212'],
  [751, '55133018'],
  [461, '35209115'],
  [851, '29189420'],
])

/** Seven digits and the check digit that makes a CVR number (weights 2 7 6 5 4 3 2 1, sum mod 11 = 0), if any does. */
export function cvrFrom(sevenDigits: number): string | undefined {
  const text = String(sevenDigits)
  assert(text.length === 7, `not seven digits: ${text}`)
  let sum = 0
  for (let i = 0; i < 7; i++) sum += (text.charCodeAt(i) - 48) * (i === 0 ? 2 : 8 - i)
  const check = (11 - (sum % 11)) % 11
  return check === 10 ? undefined : text + String(check)
}

/** The municipality's CVR number, 8 digits: the known one, or an invented one that starts with 99 (assumed). */
export function municipalityCvr(code: Municipality): string {
  const known = KNOWN_CVR.get(code)
  if (known !== undefined) return known
  const made = cvrFrom(9_900_000 + code) ?? cvrFrom(9_950_000 + code)
  assert(made !== undefined, `no CVR number for ${code}`)
  return made
}
