/**
 * What a new version changes, in one sentence for each right and time: before, now, why, and how the difference came.
 */
import type { Ore } from '../../base/money.ts'
import type { SpecifiedChange } from '../../modules/overview/index.ts'
import { componentText, dateText, kroner, partyText, periodText } from './lines.ts'

/** The same on the page, in JSON, on the command line and in the event. */
export function changeText(one: SpecifiedChange, unmasked = false): string {
  const { before, after, concerns, parts } = one
  const component = one.component === '' ? '' : ` (${componentText(one.component)})`
  const whose = concerns === undefined ? '' : `, ${partyText(concerns, unmasked)}`
  const what = `${one.benefitName}${component} for ${periodText(one.period)}${whose}`
  const reached = parts.notReached > 0 ? ` ${kroner(parts.notReached)} nåede ikke frem og regnes forfra.` : ''
  const paid = before === 0 ? 'intet gjaldt som udbetalt' : `${kroner(before)} før fradrag gjaldt som udbetalt`
  const now = after === 0 ? 'der skulle intet have været' : `det skulle have været ${kroner(after)}`
  const head = `${what}: ${paid}, og ${now} efter ${becauseOf(one)}.${reached}`
  const how = howOf(one)
  if (after === before) return how === '' ? head : `${head} Summen er den samme: ${how}.`
  const difference = kroner(Math.abs(after - before) as Ore)
  return `${head} Forskellen er ${difference} ${after < before ? 'mindre' : 'mere'}: ${how}.`
}

function becauseOf({ version, sourceSystem, decision, ended, reason }: SpecifiedChange): string {
  const said = `afgørelse ${decision.key} af ${dateText(decision.date)}`
  if (!ended) return `udgave ${version} fra ${sourceSystem} (${said})`
  const why = reason === undefined ? '' : `: «${reason}»`
  return `udgave ${version}, hvor ${sourceSystem} har trukket ordren tilbage (${said}${why})`
}

function howOf({ parts }: SpecifiedChange): string {
  const texts = [
    [parts.paid, 'udbetales nu'],
    [parts.standsAgain, 'var for meget udbetalt eller krævet og gælder igen'],
    [parts.movedHere, 'er flyttet hertil uden penge'],
    [parts.taken, 'tages af det, der var udbetalt for meget før'],
    [-parts.movedAway, 'er flyttet væk uden penge'],
    [-parts.overpaid, 'er for meget udbetalt'],
    [-parts.atpGivenBack, 'er ATP, der gives tilbage'],
  ] as const
  const said = texts.filter(([ore]) => ore !== 0)
  // Where some goes up and some goes down each has its sign: then the sum can be followed.
  const mixed = said.some(([ore]) => ore > 0) && said.some(([ore]) => ore < 0)
  const sentences = said.map(([ore, text]) => {
    const sign = mixed ? (ore > 0 ? '+' : '−') : ''
    return `${sign}${kroner(Math.abs(ore) as Ore)} ${text}`
  })
  return sentences.length < 2 ? sentences.join('') : `${sentences.slice(0, -1).join(', ')} og ${sentences.at(-1)}`
}
