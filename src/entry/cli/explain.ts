/** `toek explain`: why an amount is what it is, for a payment or an order. */
import { Refusal } from '../../base/refusal.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { readSpecification, type Wanted } from '../../modules/overview/index.ts'
import { SOURCE_SYSTEMS, type SourceSystem } from '../../modules/orders/index.ts'
import { explainText, lookedAt, specificationJson } from '../web/index.ts'
import { flag, lacks, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalityOf, withDatabase } from './world.ts'

const HELP = `toek explain PAYMENT | SOURCE ORDER_KEY: the specification, line by line

  --municipality 0751        where the order is; a payment id such as 0751R3N17 says it itself
  --by NAME                  who looks; default the account that runs the program
  --json
`

export const explainVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values, positionals } = optionsOf(args, { municipality: text, by: text, json: flag })
    const [first, key] = positionals
    if (first === undefined) throw lacks('Say which payment, such as 0751R3N17, or which order: KY KY-1.', HELP)
    const wanted: Wanted =
      key === undefined
        ? first
        : { orderKey: key, sourceSystem: SOURCE_SYSTEMS.find((system) => system === first) as SourceSystem }
    return await withDatabase(world, 'reader', 'explain', async (opened, connection) => {
      const place = values.municipality ?? (/^\d{4}R/.test(first) ? first.slice(0, 4) : undefined)
      const municipality = municipalityOf(place, opened.rates)
      const spec = await connection.transaction([municipality], async (tx) => {
        const found = await readSpecification(tx, municipality, wanted, opened.rates)
        const [at, actor] = [new Date(world.now()).toISOString(), values.by ?? world.user]
        if (found !== undefined) await recordAudit(tx, { municipality, at, actor, ...lookedAt(found) })
        return found
      })
      if (spec === undefined) throw new Refusal('unknown', `There is no ${positionals.join(' ')} here.`)
      world.out(values.json === true ? `${JSON.stringify(specificationJson(spec))}\n` : explainText(spec))
      return EXIT.done
    })
  },
}
