/** `toek audit`: what somebody did and looked at. @da kontrolspor */
import { danishInstant, danishText } from '../../base/danish-time.ts'
import { addDays } from '../../base/date.ts'
import { recordAudits } from '../../modules/access/index.ts'
import { type Act, readActs } from '../../modules/overview/index.ts'
import { counted, kroner } from '../text/index.ts'
import { dayOption, flag, lacks, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, withDatabase } from './world.ts'

const HELP = `toek audit --user NAME --from YYYY-MM-DD --to YYYY-MM-DD: what somebody did and looked at, in the order of time

  --municipality 0751[,0101…]|all   default all
  --by NAME                         who asks; default the account that runs the program
  --json                            one object a line

Danish days, --to included. All acts and look-ups of the audit trail, steps of payment runs and files handed in. Exit: 0.
`

/** Read at a time. */
const PAGE = 1000

export const auditVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const options = { user: text, from: text, to: text, municipality: text, by: text, json: flag }
    const { values } = optionsOf(args, options, false)
    const [from, to] = [dayOption(values.from, 'from'), dayOption(values.to, 'to')]
    const actor = values.user
    if (actor === undefined || from === undefined || to === undefined)
      throw lacks('Say who and when: --user NAME --from YYYY-MM-DD --to YYYY-MM-DD.', HELP)
    if (to < from) throw lacks('--to is before --from.', HELP)
    const asked = {
      actor,
      from: danishInstant(from, '00:00'),
      to: danishInstant(addDays(to, 1), '00:00'),
      limit: PAGE,
    }
    const json = values.json === true
    return await withDatabase(world, 'reader', 'audit', async (opened, connection) => {
      const municipalities = municipalitiesOf(values.municipality ?? 'all', opened.rates)
      let seen = 0
      await connection.transaction(municipalities, async (tx) => {
        for (let after: string | undefined; ; ) {
          const { acts, next } = await readActs(tx, municipalities, { ...asked, after })
          for (const act of acts) world.out(json ? `${JSON.stringify(act)}\n` : lineOf(act))
          seen += acts.length
          if (next === undefined) break
          after = next
        }
        const at = new Date(world.now()).toISOString()
        const detail = { from: values.from ?? '', to: values.to ?? '' }
        const look = { at, actor: values.by ?? world.user, command: 'audit.read', subject: actor, detail }
        await recordAudits(
          tx,
          municipalities.map((municipality) => ({ municipality, ...look })),
        )
      })
      if (!json)
        world.out(
          seen === 0
            ? 'Intet i kontrolsporet.\n'
            : `\n${counted(seen, 'handling eller opslag', 'handlinger og opslag')}.\n`,
        )
      return EXIT.done
    })
  },
}

function lineOf(act: Act): string {
  const detail = Object.entries(act.detail).map(([name, value]) => detailText(name, value))
  const more = detail.length === 0 ? '' : ` (${detail.join(', ')})`
  return `${danishText(act.at)}  ${act.municipality}  ${act.command.padEnd(20)} ${act.subject}${more}\n`
}

/** Amounts as people read them; the rest as it was recorded. */
function detailText(name: string, value: unknown): string {
  if (!name.endsWith('_ore') || typeof value !== 'number') return `${name} ${String(value)}`
  const of = name.slice(0, -'_ore'.length)
  return `${of === 'amount' ? 'beløb' : of} ${kroner(value)}`
}
