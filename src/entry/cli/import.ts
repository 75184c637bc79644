/** `toek import FILE…`: order and fact files in. */
import { createReadStream, existsSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { municipalityText } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { type ImportResult, importFile } from '../line/import-file.ts'
import { importRegister, REGISTERS } from '../line/import-register.ts'
import { notAFile } from '../line/read-in-place.ts'
import { flag, lacks, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, lineFor, municipalitiesOf, reporter, withDatabase, type World } from './world.ts'

const HELP = `toek import FILE…: take in order files and fact files (NDJSON, plain or gzip)

  --register cpr|cvr|eskattekort   the files are from this register, in its own format
  --municipality 0751[,0101…]|all  with --register: about whom
                             (files in the data folder's in/cpr, in/cvr, in/eskattekort are taken by toek run)
  --by NAME                  who hands them in; default the account that runs the program
  --json                     one object for each file

Exit: 0 all in, 2 some orders refused, 4 a file refused.
`

/** Faulty orders that are shown in full; the rest are counted. */
const SHOWN = 20

export const importVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const options = { json: flag, register: text, municipality: text, by: text }
    const { values, positionals } = optionsOf(args, options)
    if (positionals.length === 0) throw lacks('Say which files: toek import FILE ….', HELP)
    for (const path of positionals) {
      if (!existsSync(path)) throw new Refusal('no_file', `There is no file ${path}.`)
      if (statSync(path).isDirectory()) throw notAFile(path)
    }
    const json = values.json === true
    const register = REGISTERS.find((one) => one === values.register)
    if (values.register !== undefined && register === undefined)
      throw lacks(`--register is one of ${REGISTERS.join(', ')}, not ${values.register}.`, HELP)
    return await withDatabase(
      world,
      'loader',
      'import',
      async (opened, connection) => {
        const show = reporter(world, json)
        const knownAt = new Date(world.now()).toISOString()
        let exit: number = EXIT.done
        const shown = (path: string, result: ImportResult): void => {
          tell(world, path, result, json)
          if (result.state === 'refused') exit = EXIT.refused
          else if (result.refused.length > 0 && exit === EXIT.done) exit = EXIT.partly
        }
        const told = { knownAt, actor: values.by ?? world.user }
        const withProgress = async (
          name: string,
          take: (onLines: (count: number) => void) => Promise<ImportResult>,
        ): Promise<ImportResult> => {
          let lines = 0
          show.stage(name)
          const result = await take((count) => {
            lines += count
            show.done(lines)
          })
          show.end()
          return result
        }
        if (register !== undefined) {
          const line = lineFor(world, opened, connection)
          for (const municipality of municipalitiesOf(values.municipality, opened.rates)) {
            for (const path of positionals) {
              const file = { register, path, name: basename(path), municipality }
              shown(path, await withProgress(file.name, (onLines) => importRegister(line, file, { ...told, onLines })))
            }
          }
          return exit
        }
        for (const path of positionals) {
          const line = lineFor(world, opened, connection)
          const open = () => createReadStream(path, { highWaterMark: 1 << 18 })
          const take = (onLines: (count: number) => void) => importFile(line, open, { ...told, onLines })
          shown(path, await withProgress(basename(path), take))
        }
        return exit
      },
      (line) => json || world.err.write(`${line}\n`),
    )
  },
}

const STATES: Readonly<Record<ImportResult['state'], string>> = {
  loaded: 'indlæst',
  refused: 'afvist',
  unchanged: 'indlæst før',
}

function tell(world: World, path: string, result: ImportResult, json: boolean): void {
  if (json) {
    const { state, fileId, lines, accepted, held, findings } = result
    const refused = result.refused.map(({ orderKey, ...one }) => ({ ...one, order_key: orderKey }))
    world.out(
      `${JSON.stringify({ file: path, file_id: fileId, state: state === 'unchanged' ? 'loaded' : state, unchanged: state === 'unchanged', lines, accepted, held, refused, findings })}\n`,
    )
    return
  }
  const where = result.municipality === undefined ? '' : ` ${municipalityText(result.municipality)}`
  world.out(
    `${path}:${where} ${STATES[result.state]}, ${result.lines} linjer, ${result.accepted} modtaget, ${result.held} tilbageholdt, ${result.refused.length} afvist\n`,
  )
  for (const finding of result.findings)
    world.out(`  ${finding.pointer || 'filen'} ${finding.code}: ${finding.detail}\n`)
  for (const faulty of result.refused.slice(0, SHOWN)) {
    for (const fault of faulty.faults) {
      world.out(`  linje ${faulty.line} ${faulty.orderKey} ${fault.pointer} ${fault.code}: ${fault.detail}\n`)
    }
  }
  if (result.refused.length > SHOWN) world.out(`  … og ${result.refused.length - SHOWN} afviste ordrer til\n`)
}
