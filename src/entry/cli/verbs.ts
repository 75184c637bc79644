/** The verbs of the command line. Exit codes as in world.ts. */
import { inWords } from './in-words.ts'
import type { World } from './world.ts'

export interface Verb {
  readonly help: string
  run(world: World, args: readonly string[]): Promise<number>
}

/** A verb is read when it is asked for: half of the time of a start is reading code, most of it that of the server. */
const VERBS: Readonly<Record<string, () => Promise<Verb>>> = {
  start: async () => (await import('./start.ts')).startVerb,
  generate: async () => (await import('./generate.ts')).generateVerb,
  import: async () => (await import('./import.ts')).importVerb,
  run: async () => (await import('./run.ts')).run,
  approve: async () => (await import('./approve.ts')).approveVerb,
  gate: async () => (await import('./gate.ts')).gateVerb,
  switch: async () => (await import('./switch.ts')).switchVerb,
  verify: async () => (await import('./verify.ts')).verifyVerb,
  hold: async () => (await import('./hold.ts')).holdVerb,
  compare: async () => (await import('./compare.ts')).compareVerb,
  'check-told': async () => (await import('./check-told.ts')).checkToldVerb,
  explain: async () => (await import('./explain.ts')).explainVerb,
  simulate: async () => (await import('./simulate.ts')).simulateVerb,
  whatif: async () => (await import('./what-if.ts')).whatIfVerb,
  law: async () => (await import('./law.ts')).lawVerb,
  overpaid: async () => (await import('./overpaid.ts')).overpaidVerb,
  decide: async () => (await import('./decide.ts')).decideVerb,
  payee: async () => (await import('./payee.ts')).payeeVerb,
  'pay-again': async () => (await import('./returned.ts')).payAgainVerb,
  'repay-failed': async () => (await import('./returned.ts')).repayFailedVerb,
  returned: async () => (await import('./returned-list.ts')).returnedVerb,
  work: async () => (await import('./work.ts')).workVerb,
  match: async () => (await import('./match.ts')).matchVerb,
  quarantine: async () => (await import('./quarantine.ts')).quarantineVerb,
  'small-amounts': async () => (await import('./small-amounts.ts')).smallAmountsVerb,
  'year-end': async () => (await import('./year-end.ts')).yearEndVerb,
  rules: async () => (await import('./rules.ts')).rulesVerb,
  resend: async () => (await import('./resend.ts')).resendVerb,
  exchange: async () => (await import('./exchange.ts')).exchangeVerb,
  calendar: async () => (await import('./calendar.ts')).calendarVerb,
  acute: async () => (await import('./acute.ts')).acuteVerb,
  outside: async () => (await import('./outside.ts')).outsideVerb,
  'close-returned': async () => (await import('./close-returned.ts')).closeReturnedVerb,
  sweep: async () => (await import('./sweep.ts')).sweepVerb,
  stop: async () => (await import('./stop.ts')).stopVerb,
  day: async () => (await import('./day.ts')).dayVerb,
  oversight: async () => (await import('./oversight.ts')).oversightVerb,
  letter: async () => (await import('./letter.ts')).letterVerb,
  audit: async () => (await import('./audit.ts')).auditVerb,
  person: async () => (await import('./person.ts')).personVerb,
  token: async () => (await import('./token.ts')).tokenVerb,
  policy: async () => (await import('./policy.ts')).policyVerb,
}

export const VERB_NAMES: readonly string[] = Object.keys(VERBS)

/** Faults of disk and database end in a sentence, whatever the verb was. */
export async function verbOf(name: string): Promise<Verb | undefined> {
  const verb = Object.hasOwn(VERBS, name) ? await VERBS[name]?.() : undefined
  if (verb === undefined) return undefined
  return {
    help: verb.help,
    run: (world, args) =>
      verb.run(world, args).catch((error: unknown) => {
        throw inWords(error)
      }),
  }
}
