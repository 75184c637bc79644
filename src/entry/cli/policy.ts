/** `toek policy`: the rules by which money leaves, as an annex to a municipality's kasse- og regnskabsregulativ. */
import { danishDay } from '../../base/danish-time.ts'
import { type Day, formatDay } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { SOURCE_SYSTEMS } from '../../modules/orders/index.ts'
import {
  atCutOff,
  closedDays,
  cutOffRule,
  escalationLevels,
  GATE_CHECK_NAMES,
  type GateCheck,
  type LocalRule,
  type LocalRules,
  municipalityName,
  type RailKey,
  railRow,
  type RateReader,
  readLocalRules,
} from '../../modules/rates/index.ts'
import { type Annex, type AnnexRule, annexText } from '../text/index.ts'
import { dayOption, flag, lacks, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, withDatabase } from './world.ts'

const HELP = `toek policy: the rules by which payments leave a municipality

  --annex                    print them in Danish, as an annex to the kasse- og regnskabsregulativ
  --municipality 0751[,0101…]|all
  --on YYYY-MM-DD            as they apply on this disposition date; default today
  --json                     the same rules in an object for each municipality, in place of the text

Rules that wait for a second person do not count and are not printed. What no rule says is what is built in.
Exit: 0 done, 4 refused.
`

export const policyVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values } = optionsOf(args, { annex: flag, municipality: text, on: text, json: flag }, false)
    if (values.annex !== true) throw lacks('Say what to print: --annex, the only form that there is.', HELP)
    const on = dayOption(values.on, 'on') ?? danishDay(new Date(world.now()).toISOString())
    return await withDatabase(world, 'reader', 'policy', async (opened, connection) => {
      const annexes: Annex[] = []
      for (const municipality of municipalitiesOf(values.municipality, opened.rates)) {
        const rules = await connection.transaction([municipality], (tx) => readLocalRules(tx, municipality))
        annexes.push(annexOf(municipality, rules, opened.rates, on))
      }
      if (values.json === true) world.out(`${JSON.stringify({ policies: annexes.map(annexJson) })}\n`)
      else for (const annex of annexes) world.out(annexText(annex))
      return EXIT.done
    })
  },
}

function annexOf(municipality: Municipality, rules: LocalRules, rates: RateReader, on: Day): Annex {
  const of = (rule: LocalRule): AnnexRule => ({
    source: SOURCE_SYSTEMS[rule.source - 1],
    benefit: rates.book.benefits.find((one) => one.benefit === rule.benefit)?.nameDa,
    from: rule.validFrom,
    amount: rule.amount,
    percent: rule.percent,
    treatment: rule.treatment,
  })
  const named = (kind: LocalRule['kind'], check: GateCheck | '' = ''): AnnexRule[] =>
    newest(rules.rules.filter((rule) => rule.kind === kind && rule.check === check && rule.validFrom <= on)).map(of)
  return {
    name: municipalityName(rates.municipality(municipality)),
    code: municipalityText(municipality),
    on,
    releases: named('release'),
    limits: named('two_approvers_over'),
    checks: GATE_CHECK_NAMES.map((check) => ({
      check,
      built: rules.gate(check, -1, -1, on),
      told: named('gate', check),
    })),
    times: {
      cutOffs: railsUsed(municipality, rules, rates, on).map((rail) => ({
        rail: railRow(rail).name,
        ...cutOffRule(rail, on, rules),
      })),
      atCutOff: atCutOff(on, rules),
      levels: escalationLevels(on, rules),
      closed: [...(closedDays(rates, rules, municipality) ?? [])].filter((day) => day >= on).sort((a, b) => a - b),
    },
    returned: {
      noAccount: noAccountOf(rules, on),
      unclaimed: newest(rules.rules.filter((rule) => rule.kind === 'unclaimed' && rule.validFrom <= on)).map((rule) => {
        return { ...of(rule), months: rule.months }
      }),
    },
  }
}

function annexJson({ code, name, on, releases, limits, checks, times, returned }: Annex) {
  const { cutOffs, atCutOff: late, levels, closed } = times
  const { noAccount, unclaimed } = returned
  return {
    municipality: code,
    name,
    on: formatDay(on),
    releases: releases.map((one) => ({ ...ruleJson(one), treatment: one.treatment })),
    two_approvers_over: limits.map((one) => ({ ...ruleJson(one), amount_ore: one.amount })),
    checks: checks.map(({ check, built, told }) => ({
      check,
      built_in: { treatment: built.effect, amount_ore: built.amount, percent: built.percent },
      told: told.map((one) => {
        const { treatment, amount, percent } = one
        return { ...ruleJson(one), treatment, amount_ore: amount, percent }
      }),
    })),
    cut_offs: cutOffs.map(({ rail, bankDaysBefore, time, told, assumed }) => {
      return { rail, bank_days_before: bankDaysBefore, time, told, assumed }
    }),
    at_cut_off: { treatment: late.treatment, hours_before: late.hours, told: late.told },
    escalation: levels.map(({ hours, owner }) => ({ hours_before: hours, owner })),
    closing_days: closed.map(formatDay),
    no_account: noAccount,
    unclaimed: unclaimed.map((one) => ({ ...ruleJson(one), months: one.months, treatment: one.treatment })),
  }
}

/** What a rule is about; null: every source system, or every benefit. */
function ruleJson({ source, benefit, from }: AnnexRule) {
  return { source_system: source ?? null, benefit: benefit ?? null, from: formatDay(from) }
}

/** The rails by which the municipality's units pay on a day. */
function railsUsed(municipality: Municipality, rules: LocalRules, rates: RateReader, on: Day): RailKey[] {
  return [...new Set(rates.units(municipality, on).map((unit) => rules.rail(unit.kind, on)))].sort()
}

function noAccountOf(rules: LocalRules, on: Day) {
  const [rule] = newest(rules.rules.filter(({ kind, validFrom }) => kind === 'no_account' && validFrom <= on))
  return { treatment: rules.noAccount(on), account: rule?.account ?? '', told: rule !== undefined }
}

/** Of rules about the same system and benefit the latest counts, then the newest. */
function newest(rules: readonly LocalRule[]): LocalRule[] {
  const counting = new Map<string, LocalRule>()
  for (const rule of rules) {
    const key = `${rule.source}:${rule.benefit}`
    const other = counting.get(key)
    if (other === undefined || rule.validFrom >= other.validFrom) counting.set(key, rule)
  }
  return [...counting.values()]
}
