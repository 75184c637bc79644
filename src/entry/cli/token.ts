/** `toek token`: who may call the API, where and until when. The only way in outside the demo. @da adgangsnøgle */
import { addDays, formatDay, parseDay } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { type AccessKind, endTokens, issueToken, readTokens, recordAudits } from '../../modules/access/index.ts'
import { SOURCE_SYSTEM_ID, SOURCE_SYSTEMS, type SourceSystem } from '../../modules/orders/index.ts'
import { accessText } from '../text/index.ts'
import { FACTS_ID, newToken } from '../http/index.ts'
import { actorName, flag, lacks, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, withDatabase } from './world.ts'

const HELP = `toek token: access to the API (adgangsnøgler)

  toek token                       who has access, to what and until when
  toek token issue NAME --kind KIND --municipality 0751[,0101…]|all
                                   makes a token and prints it: once, for only its hash is kept
  toek token end NAME              what NAME was given opens nothing any more

  --kind source_system|person|auditor
  --system KY|KSD|KP|FAKTA         of a source system: the only one that it speaks for
  --roles planner,approver,auditor,unmasked
                                   of a person
  --days N                         how long it is good for; default 365, at most 730
  --by NAME                        who acts; default the account that runs the program
  --json

Give it over by a safe way; it is sent as «Authorization: Bearer …». Two names that are the same person defeat the rule
that another approves. Exit: 0 done, 4 refused.
`

const KINDS: readonly AccessKind[] = ['source_system', 'person', 'auditor']
const ROLES = ['planner', 'approver', 'auditor', 'unmasked']
const [DAYS, MOST_DAYS] = [365, 730]
const FACTS = 'FAKTA'

export const tokenVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const named = { kind: text, system: text, roles: text, days: text, municipality: text, by: text, json: flag }
    const { values, positionals } = optionsOf(args, named)
    const [verb, given] = positionals
    const name = verb === 'issue' && given !== undefined ? actorName(given) : given
    if (verb !== undefined && (!['issue', 'end'].includes(verb) || name === undefined)) {
      throw lacks('Say what and to whom: toek token issue NAME … or toek token end NAME.', HELP)
    }
    const at = new Date(world.now()).toISOString()
    const by = values.by ?? world.user
    return await withDatabase(world, 'owner', 'token', async (opened, owner) => {
      const all = [...opened.rates.known.municipalities].sort((a, b) => a - b)
      const audit = (
        command: string,
        municipalities: readonly Municipality[],
        detail: Readonly<Record<string, string>>,
      ) =>
        municipalities.map((municipality) => ({
          municipality,
          at,
          actor: by,
          command,
          subject: name as string,
          detail,
        }))
      if (verb === 'issue') {
        const given = { ...accessOf(values), municipalities: municipalitiesOf(values.municipality, opened.rates) }
        const validTo = untilOf(values.days, at)
        const token = newToken()
        await owner.transaction(all, async (tx) => {
          if ((await readTokens(tx, at)).some((one) => one.actor === name)) throw hasOne(name as string)
          await issueToken(tx, { ...given, actor: name as string, token, validFrom: at, validTo })
          const detail = { kind: given.kind, roles: given.roles.join(','), until: validTo.slice(0, 10) }
          await recordAudits(tx, audit('token.issued', given.municipalities, detail))
        })
        world.out(values.json === true ? `${JSON.stringify({ name, token, valid_to: validTo })}\n` : `${token}\n`)
        return EXIT.done
      }
      if (verb === 'end') {
        const ended = await owner.transaction(all, async (tx) => {
          const municipalities = await endTokens(tx, name as string, at)
          await recordAudits(tx, audit('token.ended', municipalities, {}))
          return municipalities.length
        })
        if (ended === 0) throw new Refusal('unknown_token', `${name} has no token that is good now.`)
      }
      const tokens = await readTokens(owner.db, at)
      const listed = tokens.map(({ sourceSystem, ...one }) => ({ ...one, system: systemOf(sourceSystem) }))
      if (values.json === true) {
        const told = listed.map(({ actor, validTo, municipalities, ...one }) => ({
          name: actor,
          ...one,
          municipalities: municipalities.map(municipalityText),
          valid_to: validTo,
        }))
        world.out(`${JSON.stringify({ tokens: told })}\n`)
      } else world.out(listed.map((one) => `${accessText(one, all.length)}\n`).join(''))
      return EXIT.done
    })
  },
}

function accessOf(values: { kind?: string | undefined; system?: string | undefined; roles?: string | undefined }) {
  const kind = KINDS.find((one) => one === values.kind)
  if (kind === undefined) throw new Refusal('usage', `Say what NAME is: --kind ${KINDS.join('|')}.`)
  const system = values.system === FACTS ? FACTS_ID : SOURCE_SYSTEM_ID[values.system as SourceSystem]
  if ((kind === 'source_system') !== (system !== undefined)) {
    throw new Refusal(
      'usage',
      `A source system has a --system, one of ${SOURCE_SYSTEMS.join(', ')}, ${FACTS}; nobody else.`,
    )
  }
  const roles = kind === 'auditor' ? ['auditor'] : (values.roles ?? '').split(',').filter((one) => one !== '')
  const wrong = roles.find((one) => !ROLES.includes(one))
  if (wrong !== undefined || (roles.length > 0 && kind === 'source_system')) {
    throw new Refusal(
      'usage',
      `A person has roles, of ${ROLES.join(', ')}${wrong === undefined ? '' : `; not ${wrong}`}.`,
    )
  }
  return { kind, sourceSystem: system, roles }
}

function untilOf(days: string | undefined, at: string): string {
  const count = Number(days ?? DAYS)
  const today = parseDay(at.slice(0, 10))
  if (!Number.isInteger(count) || count < 1 || count > MOST_DAYS || today === undefined) {
    throw new Refusal('usage', `--days is a whole number from 1 to ${MOST_DAYS}, not ${days}.`)
  }
  return `${formatDay(addDays(today, count))}${at.slice(10)}`
}

function hasOne(name: string): Refusal {
  return new Refusal(
    'has_token',
    `${name} has a token already. End it first (toek token end ${name}), or give another name.`,
  )
}

function systemOf(id: number | undefined): string | undefined {
  return id === FACTS_ID ? FACTS : id === undefined ? undefined : SOURCE_SYSTEMS[id - 1]
}
