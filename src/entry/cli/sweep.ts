/** `toek sweep`: what becomes due by time alone. */
import { municipalityText } from '../../base/id.ts'
import { type Swept, sweep } from '../line/sweep.ts'
import { flag, lacks, optionsOf, text, timeOf } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, lineFor, municipalitiesOf, withDatabase } from './world.ts'

const HELP = `toek sweep: what becomes due by time alone

  --municipality 0751[,0101…]|all
  --at TIME                  what time it is, such as 2026-03-30T14:30; default now. In the demo it must be said
  --json

Runs that did not reach their cut-off are moved, where the municipality has said so. What a rail that tells failures
alone has taken, and nobody has sent back, is presumed paid when its day and margin have passed. The list of work
follows: answers that are late, and runs that wait near their cut-off, with whose they are now. Run it every few
minutes; done again it does nothing. It releases nothing: that is toek run.
Exit: 0 done, 4 refused.
`

export const sweepVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values } = optionsOf(args, { municipality: text, at: text, json: flag }, false)
    const said = timeOf(values.at)
    return await withDatabase(world, 'loader', 'sweep', async (opened, connection) => {
      if (said === undefined && opened.mode === 'demo')
        throw lacks('Say what time it is: --at TIME. The months of the demo lie behind the clock.', HELP)
      const at = said ?? `${new Date(world.now()).toISOString().slice(0, 19)}+00:00`
      const line = lineFor(world, opened, connection)
      const swept: Swept[] = []
      for (const municipality of municipalitiesOf(values.municipality, opened.rates)) {
        swept.push(await sweep(line, municipality, at))
      }
      const rows = swept.map((one) => ({ ...one, municipality: municipalityText(one.municipality) }))
      world.out(values.json === true ? `${JSON.stringify({ at, swept: rows })}\n` : asText(rows))
      return EXIT.done
    })
  },
}

function asText(rows: readonly (Omit<Swept, 'municipality'> & { readonly municipality: string })[]): string {
  const lines = rows.map(
    (row) =>
      `${row.municipality}: ${row.late} kørsler nåede ikke skæringstidspunktet, ${row.presumed} betalinger er formodet udbetalt.`,
  )
  return `${lines.join('\n')}\n`
}
