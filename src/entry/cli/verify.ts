/** `toek verify`: recompute the ledger's digests and seals, and compare the outgoing folder with what is recorded. */
import { hash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection } from '../../base/db.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { readDeliveries } from '../../modules/deliveries/index.ts'
import { type FirstBad, headOf, ledgerHead, verifyMunicipality } from '../../modules/ledger/index.ts'
import { flag, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, foldersOf, municipalitiesOf, reporter, withDatabase } from './world.ts'

const HELP = `toek verify: check the whole ledger against its digests, its seals and what was sent

  --municipality 0751[,0101…]|all   default all
  --json                            {"ok", "first_bad": {"municipality", "batch", "entry"}, "head"}

Exit: 0 all agrees, 1 something does not; it is named.
`

export const verifyVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values } = optionsOf(args, { municipality: text, json: flag }, false)
    const json = values.json === true
    return await withDatabase(
      world,
      'loader',
      'verify',
      async (opened, connection) => {
        const chosen = municipalitiesOf(values.municipality ?? 'all', opened.rates)
        const show = reporter(world, json)
        show.stage('verificering', chosen.length)
        const heads = new Map<Municipality, string>()
        let bad: FirstBad | undefined
        for (const [i, municipality] of chosen.entries()) {
          bad ??= await connection.transaction([municipality], (tx) => verifyMunicipality(tx, municipality))
          bad ??= await sentFiles(connection, municipality, foldersOf(world).out)
          heads.set(municipality, await connection.transaction([municipality], (tx) => ledgerHead(tx, municipality)))
          show.done(i + 1)
        }
        show.end()
        const head = headOf(heads)
        if (json) {
          world.out(
            `${JSON.stringify({ ok: bad === undefined, ...(bad === undefined ? {} : { first_bad: { ...bad, municipality: municipalityText(bad.municipality) } }), head })}\n`,
          )
        } else if (bad === undefined) world.out(`Finansen stemmer. Hoved ${head}\n`)
        else
          world.out(
            `Kommune ${municipalityText(bad.municipality)}, parti ${bad.batch}, bilag ${bad.entry}: ${bad.what}\n`,
          )
        return bad === undefined ? EXIT.done : EXIT.wrong
      },
      (line) => json || world.err.write(`${line}\n`),
    )
  },
}

/** What lies in the outgoing folder must be known: a file that is not says that the database is older than it. */
async function sentFiles(
  connection: Connection,
  municipality: Municipality,
  out: string,
): Promise<FirstBad | undefined> {
  const known = await connection.transaction([municipality], (tx) => readDeliveries(tx, municipality))
  const byPath = new Map(known.map((one) => [join(out, one.kind, one.fileName), one]))
  const bad = (what: string): FirstBad => ({ municipality, batch: 0, entry: 0, what })
  for (const kind of existsSync(out) ? readdirSync(out) : []) {
    if (statSync(join(out, kind), { throwIfNoEntry: false })?.isDirectory() !== true) {
      // Nothing of ours lies beside the folders: it counts whatever its name, but what another municipality's has.
      if (/^\d{4}/.test(kind) && !kind.startsWith(municipalityText(municipality))) continue
      return bad(`${kind} lies in the outgoing folder, and the database does not know it`)
    }
    for (const name of readdirSync(join(out, kind))) {
      if (!name.startsWith(municipalityText(municipality)) || name.endsWith('.tmp')) continue
      if (!byPath.has(join(out, kind, name)))
        return bad(`${kind}/${name} was sent, and the database does not know it: it is older`)
    }
  }
  for (const [path, delivery] of byPath) {
    if (!existsSync(path)) continue
    if (hash('sha256', readFileSync(path)) !== delivery.sha256) return bad(`${path} is not what was recorded`)
  }
  return undefined
}
