/** `toek generate`: the order and fact files of a believable month. */
import { generateHelp, generateMonth } from '../../adapters/source-systems/generator/index.ts'
import { builtInRateBook, lookup } from '../../modules/rates/index.ts'
import { flag, lacks, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, reporter } from './world.ts'

export const generateVerb: Verb = {
  help: generateHelp,
  async run(world, args) {
    const { values } = optionsOf(args, {
      month: text,
      municipality: text,
      scale: text,
      orders: text,
      seed: text,
      out: text,
      gzip: flag,
      json: flag,
    })
    const { month, municipality, out } = values
    if (month === undefined || municipality === undefined || out === undefined) {
      const unsaid = Object.entries({ month, municipality, out }).filter(([, value]) => value === undefined)
      throw lacks(`Say ${unsaid.map(([name]) => `--${name}`).join(', ')}.`, generateHelp)
    }
    const rates = lookup(builtInRateBook())
    const municipalities = municipality === 'all' ? 'all' : municipalitiesOf(municipality, rates)
    const show = reporter(world, values.json === true)
    let stage = false
    const files = await generateMonth({
      month,
      municipalities,
      scale: Number(values.scale ?? 1),
      seed: Number(values.seed ?? 42),
      out,
      ...(values.orders === undefined ? {} : { orders: Number(values.orders) }),
      gzip: values.gzip === true,
      onProgress: (_file, done, of) => {
        if (!stage) show.stage('generering', of)
        stage = true
        show.done(done)
      },
    })
    show.end()
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    const count = files.reduce((sum, file) => sum + file.count, 0)
    if (values.json === true) world.out(`${JSON.stringify({ files: files.length, records: count, bytes, out })}\n`)
    else world.out(`${files.length} files, ${count} records, ${Math.round(bytes / 1e6)} MB in ${out}\n`)
    return EXIT.done
  },
}
