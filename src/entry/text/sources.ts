/**
 * Where a line is from, in Danish. The rate book names its sources with technical English remarks; they are put here.
 */
import { type CalculationLine, TOLD_BEFORE } from '../../modules/effectuation/index.ts'
import type { SpecifiedItem } from '../../modules/overview/index.ts'

const TAX_SOURCE: Record<string, string> = {
  exact_ore: 'Skatteforvaltningen, oid=141834 (med ører)',
  nearest_krone: 'Skatteforvaltningen, oid=141834 (nærmeste krone)',
  drop_ore: 'Skatteforvaltningen, oid=141834 (ører bortfalder)',
  base_tens_tax_up: 'Skatteforvaltningen, oid=2292833',
}

const CARD_SOURCE = {
  hovedkort: 'skattekort (hovedkort)',
  bikort: 'skattekort (bikort)',
  frikort: 'skattekort (frikort)',
  none: 'kildeskatteloven § 48',
} as const

/** How tax is rounded, in a few words. */
export const TAX_METHOD: Readonly<Record<string, string>> = {
  exact_ore: 'med ører',
  nearest_krone: 'nærmeste krone',
  drop_ore: 'ører bortfalder',
  base_tens_tax_up: 'hele 10 kr. ned, skat op til kroner',
}

/** English remark → Danish; applied in this order. */
const REMARKS: readonly (readonly [RegExp, string])[] = [
  [/^gross less the lines above$/, 'summen af linjerne ovenfor'],
  [/: each amount to the nearest krone, 50 øre up/, ' (nærmeste krone)'],
  [/: with øre, rounded only in the monthly report/, ' (med ører)'],
  [/: the øre of each amount are dropped/, ' (ører bortfalder)'],
  [/ \(AM to the nearest krone\)/, ' (AM-bidrag til nærmeste krone)'],
  [/; the smallest benefit is that of (\d{4}), later ones not found/, '; mindste ydelse er satsen fra $1'],
  [/; the smallest benefit is that of (\d{4})/, '; mindste ydelse er satsen fra $1'],
  [/: no obligatory pension before 2020/, ': ingen obligatorisk pension før 2020'],
  [/: double contribution ([\d,]+ kr\.) an hour/, ': dobbelt bidrag $1 pr. time'],
  [/: (\d+) % without allowance when no card is known/, ': $1 % uden fradrag, når der ikke er et kort'],
  [
    /\(5 %, at most 500 kr\. a month\); (.*) \(nearest krone\); own share of the municipality left out/,
    '(5 %, højst 500 kr. pr. måned); $1 (nærmeste krone); kommunens egen andel er udeladt',
  ],
  [/(\d+) kr\. from (\d{4})/, '$1 kr. fra $2'],
]

/** One source in Danish; where nothing needs to be put, as it stands. */
export function putSource(source: string): string {
  let text = source
  for (const [pattern, danish] of REMARKS) text = text.replace(pattern, danish)
  return text
}

export function sourceText(line: CalculationLine, item: SpecifiedItem): string {
  if (line.source === TOLD_BEFORE) return 'oplyst af den tidligere løsning'
  if (line.kind === 'tax') {
    const card = CARD_SOURCE[item.calculation?.card ?? 'none']
    return `${card}; ${TAX_SOURCE[line.rounding ?? ''] ?? putSource(line.source)}`
  }
  if (line.source === 'effektueringsordre') return `ordre ${item.orderKey} fra ${item.sourceSystem}`
  return putSource(line.source)
}

export const ASSUMED = 'antaget: der er ikke fundet en offentlig kilde til hele reglen'
