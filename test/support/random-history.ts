/**
 * Random histories of decisions: month after month new ones, and new versions of the ones before. What a version
 * changes is drawn; what comes of it is for the model to say. No two decisions ever speak of the same benefit and time
 * of somebody: such a pair is held as a possible double, which is no correction.
 */
import { type Dice, diceOf, pick } from './dice.ts'
import { amountOf, type Decision, draw, type History, KEYS, type Known, periodOf, tell } from './drawn-decision.ts'
import { type Base, basesOf } from './history-bases.ts'
import {
  BENEFITS,
  type BenefitLine,
  COMPANY,
  type Content,
  citizensOf,
  factsOf,
  type Key,
  monthText,
  type Take,
  textOf,
  type Version,
} from './history-records.ts'
import { decidesRepayment, repaymentsOf } from './random-repayments.ts'

/** `place`: which of its municipality's histories it is. */
export function newHistory(
  seed: number,
  place: number,
  takenOver: boolean,
): History & { readonly bases: readonly Base[] } {
  const roll = diceOf(seed)
  const citizens = citizensOf(roll, place)
  const claims = citizens.flatMap((debtor, i) =>
    roll(2) === 0 ? [] : [{ claim: `F-${place * KEYS + i}`, debtor, amount: 100 * (1 + roll(9_000)) }],
  )
  const facts = factsOf(roll, citizens, claims, place)
  const nothing = { decisions: [], taken: new Map(), decided: new Map(), drawn: new Map(), next: place * KEYS + 1 }
  const history = { roll, citizens, claims, facts, ...nothing }
  const bases = takenOver ? basesOf(history) : []
  return { ...history, bases }
}

const SORTS = [
  ['KY', ['kontanthjaelp', 'kontanthjaelp', 'flekstilskud', 'enkeltydelse', 'saerlig_hjaelp_medicin']],
  ['KY', ['kontanthjaelp']],
  ['KY', ['tabt_arbejdsfortjeneste', 'enkeltydelse']],
  ['KSD', ['sygedagpenge']],
  ['KSD', ['sygedagpenge_arbejdsgiver']],
  ['KP', ['personligt_tillaeg', 'helbredstillaeg']],
  ['KP', ['personligt_tillaeg', 'helbredstillaeg']],
] as const

/** Versions of a month, in the order in which they were made. `now`: the month, from 0. */
export function versionsOf(history: History, now: number, known: Known): Version[] {
  const { roll, decisions } = history
  const made: Version[] = []
  for (const decision of decisions) {
    if (decision.missing !== undefined && roll(2) === 0) {
      made.push(decision.missing)
      decision.missing = undefined
      draw(history, 'an older version comes late')
    }
    for (let times = [0, 0, 0, 1, 1, 1, 2][roll(7)] as number; times > 0; times--) {
      made.push(newVersion(history, decision, now, known))
    }
  }
  for (let times = now === 0 ? 3 : roll(3); times > 0; times--) {
    const version = newDecision(history, now)
    if (version !== undefined) made.push(version)
  }
  if (roll(5) === 0) made.push(...decidesRepayment(history, now, known))
  return made
}

function newDecision(history: History, now: number): Version | undefined {
  const { roll, citizens } = history
  const [system, benefits] = pick(roll, SORTS)
  const refund = benefits[0] === 'sygedagpenge_arbejdsgiver'
  // An order of an employer's own is of its employees' rights.
  const employer = refund && roll(2) === 0
  const beneficiary = employer ? COMPANY : pick(roll, citizens)
  const holders = employer ? citizens : [beneficiary]
  if (employer) draw(history, 'an employer of several')
  const payee = refund ? COMPANY : beneficiary
  const content = { payee, lines: [], takes: [], repayments: [], withdrawn: false }
  const order = `${system}-${history.next++}`
  const decision: Decision = {
    order,
    system,
    beneficiary,
    holders,
    benefits,
    version: 0,
    content,
    before: undefined,
    missing: undefined,
  }
  const lines: BenefitLine[] = []
  for (let times = 1 + roll(3); times > 0; times--) {
    const line = newLine(history, { ...decision, content: { ...content, lines } }, now)
    if (line !== undefined) lines.push(line)
  }
  if (lines.length === 0) return undefined
  history.decisions.push(decision)
  const takes = roll(2) === 0 ? [] : takesOf(history, decision, lines, [])
  return tell(history, decision, { ...content, lines, takes }, now, false)
}

/** On a time that no other decision speaks of; nothing when none is free. */
function newLine(history: History, decision: Decision, now: number, like?: BenefitLine): BenefitLine | undefined {
  const { roll, taken } = history
  const holder = like?.holder ?? pick(roll, decision.holders)
  const benefit = pick(roll, decision.benefits)
  const month = now - 4 + roll(6)
  const months = BENEFITS[benefit]?.unit === 'month' && roll(8) === 0 ? 2 : 1
  const half = months === 1 && roll(6) === 0 ? ((1 + roll(2)) as 1 | 2) : 0
  const slots = Array.from({ length: months }, (_, i) => `${holder} ${benefit} ${monthText(month + i)}`)
  if (slots.some((slot) => (taken.get(slot) ?? decision.order) !== decision.order)) return undefined
  const component = roll(5) === 0 ? 'tillaeg' : 'grundsats'
  const gross = like?.gross ?? amountOf(roll)
  const line = { holder, benefit, component, ...periodOf(benefit, month, half, months), gross }
  // The same line twice is rare, and lawful.
  if (roll(4) > 0 && decision.content.lines.some((one) => textOf(one) === textOf(line))) return undefined
  for (const slot of slots) taken.set(slot, decision.order)
  return line
}

function grossOf(lines: readonly BenefitLine[]): number {
  return lines.reduce((sum, line) => sum + line.gross, 0)
}

/** Rent and set-offs, drawn anew beside those that stay; never more than the benefits. */
function takesOf(history: History, decision: Decision, lines: readonly BenefitLine[], stay: readonly Take[]): Take[] {
  const { roll, claims, decided } = history
  const takes = stay.filter(() => roll(5) > 0).map((take) => (roll(3) > 0 ? take : { ...take, amount: amountOf(roll) }))
  const { beneficiary } = decision
  const own = [
    ...claims.filter((claim) => claim.debtor === beneficiary).map(({ claim }) => claim),
    ...(decided.get(beneficiary) ?? []),
  ].filter((claim) => !takes.some((take) => take.claim === claim))
  if (own.length > 0 && roll(2) === 0) takes.push({ claim: pick(roll, own), amount: amountOf(roll) })
  const hasRent = takes.some((take) => take.claim === undefined)
  if (!hasRent && roll(3) === 0) takes.push({ claim: undefined, amount: amountOf(roll) })
  let left = grossOf(lines)
  return takes.filter(({ amount }) => {
    if (amount > left) return false
    left -= amount
    return true
  })
}

type Change = (history: History, lines: readonly BenefitLine[], decision: Decision, now: number) => BenefitLine[]

function replaced(lines: readonly BenefitLine[], old: BenefitLine, ...by: readonly BenefitLine[]): BenefitLine[] {
  return lines.flatMap((line) => (line === old ? by : [line]))
}

function resized(lines: readonly BenefitLine[], line: BenefitLine, gross: number): BenefitLine[] {
  return replaced(lines, line, { ...line, gross: Math.max(1, gross) })
}

/** The two halves of the month of a line, or nothing when it is no whole month. */
function halvesOf(line: BenefitLine): readonly [Pick<Key, 'from' | 'to'>, Pick<Key, 'from' | 'to'>] | undefined {
  const month = (Number(line.from.slice(0, 4)) - 2025) * 12 + Number(line.from.slice(5, 7)) - 7
  const whole = periodOf(line.benefit, month, 0)
  if (whole.from !== line.from || whole.to !== line.to) return undefined
  return [periodOf(line.benefit, month, 1), periodOf(line.benefit, month, 2)]
}

const CHANGES: readonly (readonly [string, Change])[] = [
  ['raise', ({ roll }, lines) => rolled(roll, lines, (line) => resized(lines, line, line.gross + amountOf(roll) / 4))],
  ['lower', ({ roll }, lines) => rolled(roll, lines, (line) => resized(lines, line, roll(line.gross)))],
  ['lower', ({ roll }, lines) => rolled(roll, lines, (line) => resized(lines, line, line.gross - 100 * roll(50)))],
  ['remove', ({ roll }, lines) => rolled(roll, lines, (line) => replaced(lines, line))],
  [
    'add',
    (history, lines, decision, now) => {
      const line = newLine(history, decision, now)
      return line === undefined ? [...lines] : [...lines, line]
    },
  ],
  [
    'move',
    (history, lines, decision, now) =>
      rolled(history.roll, lines, (line) => {
        const to = newLine(history, decision, now, line)
        return to === undefined ? [...lines] : replaced(lines, line, to)
      }),
  ],
  [
    'shorten',
    ({ roll }, lines) =>
      rolled(roll, lines, (line) => {
        const halves = halvesOf(line)
        return halves === undefined ? [...lines] : replaced(lines, line, { ...line, ...halves[roll(2) as 0 | 1] })
      }),
  ],
  [
    'split',
    ({ roll }, lines) =>
      rolled(roll, lines, (line) => {
        const halves = halvesOf(line)
        if (halves === undefined || line.gross < 2) return [...lines]
        const first = 1 + roll(line.gross - 1)
        const [a, b] = halves
        return replaced(lines, line, { ...line, ...a, gross: first }, { ...line, ...b, gross: line.gross - first })
      }),
  ],
  ['reorder', (_, lines) => lines.toReversed()],
]

function rolled(roll: Dice, lines: readonly BenefitLine[], change: (line: BenefitLine) => BenefitLine[]) {
  const line = lines[roll(Math.max(1, lines.length))]
  return line === undefined ? [] : change(line).map((one) => ({ ...one, gross: Math.floor(one.gross) }))
}

function newVersion(history: History, decision: Decision, now: number, known: Known): Version {
  const { roll } = history
  if (decision.benefits.length > 0 && roll(20) === 0 && decision.missing === undefined) {
    const late = nextContent(history, decision, now, known)
    decision.missing = tell(history, decision, late, now, false)
  }
  const content = nextContent(history, decision, now, known)
  return tell(history, decision, content, now, true)
}

function nextContent(history: History, decision: Decision, now: number, known: Known): Content {
  const { roll, citizens } = history
  const { content, before } = decision
  if (content.withdrawn) {
    if (before === undefined || roll(3) === 0) return content
    draw(history, 're-open')
    return before
  }
  if (roll(12) === 0) {
    draw(history, 'withdraw')
    return { ...content, withdrawn: true }
  }
  if (roll(10) === 0) return content
  if (before !== undefined && before.lines.length > 0 && roll(6) === 0) {
    // What was taken down stands again: it closes what is overpaid, or claimed by now.
    draw(history, 'as before')
    return { ...before, repayments: content.repayments }
  }
  let lines = [...content.lines]
  for (let times = decision.benefits.length === 0 ? 0 : 1 + roll(2); times > 0; times--) {
    const [name, change] = pick(roll, CHANGES)
    lines = change(history, lines, { ...decision, content: { ...content, lines } }, now)
    draw(history, name)
  }
  let { payee } = content
  if (payee !== COMPANY && roll(10) === 0) {
    payee = pick(roll, citizens)
    draw(history, 'payee')
  }
  // What was held is seldom said again as it was.
  const stay = content.repayments.filter(({ claim }) => roll(known.isDecided(claim) ? 4 : 2) > 0)
  const repayments = [...stay, ...(roll(4) === 0 ? repaymentsOf(history, decision, now, lines, known) : [])]
  const takes = lines.length === 0 ? [] : takesOf(history, decision, lines, content.takes)
  if (lines.length + repayments.length === 0) return { ...content, withdrawn: true }
  return { payee, lines, takes, repayments, withdrawn: false }
}
