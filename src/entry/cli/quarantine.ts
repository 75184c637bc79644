/** `toek quarantine`: what could not be read or placed of what rail and bank sent. @da karantæne */
import { municipalityText } from '../../base/id.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { lockMunicipality } from '../../modules/orders/index.ts'
import { type Quarantined, readQuarantine, resolveQuarantine } from '../../modules/payments/index.ts'
import { flag, lacks, numberOf, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, municipalityOf, withDatabase } from './world.ts'

const HELP = `toek quarantine: lines of received files that could not be read or placed (karantæne), and files refused whole

  --municipality 0751[,0101…]|all      to resolve: one
  --resolve FILE             a person has seen to it; with --line to one line, else to all that lies there of the file
  --line N                   the line in the file
  --reason TEXT              what became of it; always needed
  --by NAME                  who; default the account that runs the program
  --json

The rest of such a file is booked. A file that is refused whole is taken when it comes whole, under whatever name.
Exit: 0 nothing lies there, or done; 3 something lies there; 4 refused.
`

/** Lines that are listed. */
const LISTED = 10_000

export const quarantineVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const options = { municipality: text, resolve: text, line: text, reason: text, by: text, json: flag }
    const { values } = optionsOf(args, options, false)
    const json = values.json === true
    const file = values.resolve
    const lineSaid = '--line is the number of a line of the file that --resolve names.'
    const line = values.line === undefined ? undefined : numberOf(values.line, lineSaid, HELP)
    if (line !== undefined && file === undefined) throw lacks(lineSaid, HELP)
    return await withDatabase(world, 'writer', 'quarantine', async (opened, connection) => {
      const municipalities = municipalitiesOf(values.municipality, opened.rates)
      if (file !== undefined) {
        const municipality = municipalityOf(values.municipality, opened.rates)
        const act = {
          at: new Date(world.now()).toISOString(),
          by: values.by ?? world.user,
          reason: values.reason ?? '',
        }
        const what = { file, line }
        const done = await connection.transaction([municipality], async (tx) => {
          await lockMunicipality(tx, municipality)
          const lines = await resolveQuarantine(tx, municipality, what, act)
          const audit = { municipality, at: act.at, actor: act.by, command: 'quarantine.resolve', subject: file }
          await recordAudit(tx, { ...audit, detail: { lines, reason: act.reason } })
          return lines
        })
        world.out(json ? `${JSON.stringify({ file, resolved: done })}\n` : `${file}: ${done} afklaret.\n`)
        return EXIT.done
      }
      const rows: Shown[] = []
      for (const municipality of municipalities) {
        const lines = await connection.transaction([municipality], (tx) => readQuarantine(tx, municipality, LISTED))
        for (const one of lines) rows.push(shownOf(municipality, one))
      }
      world.out(json ? `${JSON.stringify({ quarantine: rows })}\n` : asText(rows))
      return rows.length === 0 ? EXIT.done : EXIT.person
    })
  },
}

function shownOf(municipality: number, one: Quarantined) {
  return {
    municipality: municipalityText(municipality),
    file: one.file,
    kind: one.kind,
    line: one.line,
    code: one.code,
    detail: one.detail,
    whole_file: one.refused,
    since: one.knownAt,
  }
}

type Shown = ReturnType<typeof shownOf>

function asText(rows: readonly Shown[]): string {
  if (rows.length === 0) return 'Intet ligger i karantæne.\n'
  const lines = rows.map((row) => {
    const what = row.whole_file ? 'hele filen' : `linje ${row.line}`
    return `${row.municipality} ${row.file}, ${what}: ${row.code}. ${row.detail}`
  })
  return `${[...lines, '', `${rows.length} i karantæne.`].join('\n')}\n`
}
