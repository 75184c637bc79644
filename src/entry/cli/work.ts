/** `toek work`: what needs a person, and who sees to it. @da opgave */
import { connect } from '../../base/db.ts'
import { danishDay } from '../../base/danish-time.ts'
import { formatDay } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import { formatKroner, type Ore } from '../../base/money.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { closeWorkItem, readWorkItems, takeWorkItem, type WorkItem } from '../../modules/work-items/index.ts'
import { DONE, WORK_KIND, workText, workToDo } from '../text/index.ts'
import { flag, lacks, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, municipalityOf, openDatabase, type Opened, whoAmI, type World } from './world.ts'

const HELP = `toek work: what needs a person (opgaver), the oldest first

  --municipality 0751[,0101…]|all
  --take ID                  see to an item; its ID stands in the list (KIND:SUBJECT)
  --close ID                 close what no later fact closes: the kind paid_after_event
  --reason TEXT              why it is closed
  --by NAME                  who; default the account that runs the program
  --json

The list is made at the end of every \`toek run\`: an item closes itself when its cause is gone.
Exit: 0 nothing waits, or done; 3 something waits.
`

/** Items that are listed. */
const LISTED = 10_000

export const workVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const options = { municipality: text, take: text, close: text, reason: text, by: text, json: flag }
    const { values } = optionsOf(args, options, false)
    const { take, close } = values
    const json = values.json === true
    if (take !== undefined && close !== undefined) throw lacks('Say either --take or --close, not both.', HELP)
    const opened = await openDatabase(world, () => undefined)
    try {
      const municipalities = municipalitiesOf(values.municipality, opened.rates)
      const id = take ?? close
      if (id !== undefined) {
        const municipality = municipalityOf(values.municipality, opened.rates)
        const by = values.by ?? world.user
        await act(world, opened, {
          municipality,
          id,
          by,
          reason: close === undefined ? undefined : (values.reason ?? ''),
        })
        const state = close === undefined ? 'taken' : 'closed'
        world.out(json ? `${JSON.stringify({ id, state })}\n` : `${id} er ${DONE[state]}.\n`)
        return EXIT.done
      }
      const connection = await connect(opened.url, 'reader', whoAmI(world, 'work'))
      const { items, total } = await connection
        .transaction(municipalities, (tx) => readWorkItems(tx, municipalities, LISTED))
        .finally(() => connection.close())
      const today = danishDay(new Date(world.now()).toISOString())
      const rows = items.map((item) => shownOf(item, today))
      world.out(json ? `${JSON.stringify({ total, work: rows })}\n` : asText(rows, total))
      return total === 0 ? EXIT.done : EXIT.person
    } finally {
      await opened.close()
    }
  },
}

interface Act {
  readonly municipality: number
  readonly id: string
  readonly by: string
  /** Of a closing. */
  readonly reason: string | undefined
}

async function act(world: World, opened: Opened, { municipality, id, by, reason }: Act): Promise<void> {
  const colon = id.indexOf(':')
  if (colon < 0) throw lacks(`An ID is KIND:SUBJECT, as the list has it, not ${id}.`, HELP)
  const at = new Date(world.now()).toISOString()
  const item = { municipality, kind: id.slice(0, colon), subject: id.slice(colon + 1), by, at }
  const connection = await connect(opened.url, 'writer', whoAmI(world, 'work'))
  try {
    await connection.transaction([municipality], async (tx) => {
      const audit = { municipality, at, actor: by, subject: id }
      if (reason === undefined) {
        await takeWorkItem(tx, item)
        await recordAudit(tx, { ...audit, command: 'work.take' })
      } else {
        await closeWorkItem(tx, { ...item, reason })
        await recordAudit(tx, { ...audit, command: 'work.close', detail: { reason } })
      }
    })
  } finally {
    await connection.close()
  }
}

function shownOf(item: WorkItem, today: number) {
  const since = danishDay(item.since)
  return {
    id: `${item.kind}:${item.subject}`,
    municipality: municipalityText(item.municipality),
    kind: item.kind,
    source_system: item.sourceSystem,
    owner: item.owner,
    taken_by: item.takenBy,
    amount_ore: item.amount,
    since: formatDay(since),
    // Business time may be ahead of the clock: then it is new.
    age_days: Math.max(0, today - since),
    what: `${WORK_KIND[item.kind]}: ${workText(item)}`,
    to_do: workToDo(item),
    detail: item.detail,
  }
}

type Shown = ReturnType<typeof shownOf>

function asText(rows: readonly Shown[], total: number): string {
  if (total === 0) return 'Ingen opgaver.\n'
  const lines = rows.flatMap((row) => {
    const amount = row.amount_ore === null ? '' : `, ${formatKroner(row.amount_ore as Ore)} kr.`
    const who = row.taken_by === null ? row.owner : `${row.owner}, ${row.taken_by}`
    return [`${row.municipality} ${row.since} (${who}) ${row.what}${amount}`, `    ${row.to_do}`, `    ${row.id}`]
  })
  return `${[...lines, '', `${total} opgaver.`].join('\n')}\n`
}
