/**
 * `toek exchange`: one sweep of the channels: sends what lies in `out/`, fetches what lies at the other side. @da kanal
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { holdFolder } from '../../adapters/fake-rail/hold.ts'
import { type Channel, folderChannel, sftpChannel } from '../../adapters/sftp/index.ts'
import { Refusal } from '../../base/refusal.ts'
import { type Exchanged, type ExchangePlan, exchangeFiles } from '../jobs/exchange-files.ts'
import { openExchangeJournal } from '../jobs/exchange-journal.ts'
import { flag, optionsOf } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, foldersOf, type World } from './world.ts'

const HELP = `toek exchange [CHANNEL…]: one sweep: send what lies in out/, fetch what lies at the other side

  --json

Channels stand in channels.json in the data folder, by name:

  {"bank":{"kind":"sftp","host":"sftp.example","port":22,"user":"0751","key_file":"/etc/toek/bank.key",
    "host_key":"SHA256:…","send":{"iso20022":"/in"},"fetch":{"/out":""},"after_fetch":"remove"},
   "erp":{"kind":"folder","root":"/mnt/erp","send":{"g69":"in"},"fetch":{},"after_fetch":"leave"}}

send: folder below out/ → folder there. fetch: folder there → folder below in/ ('' is in/ itself). The private key lies
in a file outside this program, readable by its account alone; host_key is pinned, as "ssh-keygen -lf" says it. Any
number of times: no file is sent or taken twice, and none by half.
Exit: 0 done, 2 a channel could not be reached or was cut (run it again), 3 something needs a person, 4 refused.
`

interface ChannelSettings extends ExchangePlan {
  readonly name: string
  open(): Promise<Channel>
}

interface Swept extends Exchanged {
  readonly channel: string
  /** Why it came no further; '' when it came to its end. */
  readonly cut: string
  readonly needsPerson: boolean
}

export const exchangeVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values, positionals } = optionsOf(args, { json: flag })
    const all = channelsOf(world)
    const names: readonly string[] = positionals
    const stray = names.find((name) => !all.some((one) => one.name === name))
    if (stray !== undefined) throw new Refusal('unknown_channel', `channels.json has no channel ${stray}.`)
    const chosen = names.length === 0 ? all : all.filter((one) => names.includes(one.name))
    const swept: Swept[] = []
    for (const settings of chosen) swept.push(await sweep(world, settings))
    world.out(values.json === true ? `${JSON.stringify({ channels: swept })}\n` : swept.map(asText).join(''))
    if (swept.some((one) => one.needsPerson || one.faults.length > 0)) return EXIT.person
    return swept.some((one) => one.cut !== '') ? EXIT.partly : EXIT.done
  },
}

async function sweep(world: World, settings: ChannelSettings): Promise<Swept> {
  const { name } = settings
  const folders = foldersOf(world)
  const place = join(world.settings.dataDir, 'exchange', name)
  const nothing = { channel: name, sent: [], fetched: [], faults: [] }
  mkdirSync(place, { recursive: true, mode: 0o700 })
  const held = holdFolder(place)
  if (typeof held === 'number') {
    return { ...nothing, cut: `Process ${held} is exchanging by it now.`, needsPerson: false }
  }
  const journal = await openExchangeJournal(join(place, 'journal.ndjson'))
  let channel: Channel | undefined
  try {
    channel = await settings.open()
    const now = (): string => new Date(world.now()).toISOString()
    const done = await exchangeFiles({ channel, plan: settings, journal, folders, now, at: () => undefined })
    return { channel: name, ...done, cut: '', needsPerson: false }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const needsPerson = error instanceof Refusal && error.code === 'host_key_differs'
    return { ...nothing, cut: error.message, needsPerson }
  } finally {
    await channel?.close().catch(() => undefined)
    await journal.close()
    held()
  }
}

function asText({ channel, sent, fetched, faults, cut }: Swept): string {
  const lines = [`${channel}: sendt ${sent.length}, hentet ${fetched.length}`]
  for (const { file, code, detail } of faults) lines.push(`    ${file}: ${code}. ${detail}`)
  if (cut !== '') lines.push(`    ${cut}`)
  return `${lines.join('\n')}\n`
}

type Json = Readonly<Record<string, unknown>>

function channelsOf(world: World): ChannelSettings[] {
  const path = join(world.settings.dataDir, 'channels.json')
  if (!existsSync(path)) throw new Refusal('no_channels', `There is no ${path}. See toek exchange --help.`)
  let told: unknown
  try {
    told = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Refusal('channels_unreadable', `${path} is not JSON: ${(error as Error).message}`)
  }
  return Object.entries((told ?? {}) as Record<string, Json>).map(([name, one]) => settingsOf(name, one))
}

function settingsOf(name: string, told: Json): ChannelSettings {
  const wrong = (field: string, should: string): Refusal =>
    new Refusal('channel_wrong', `channels.json: ${field} of ${name} must be ${should}.`)
  if (!/^[a-z0-9-]{1,30}$/.test(name)) throw wrong('the name', 'small letters, digits and hyphens')
  const text = (field: string): string => {
    const value = told[field]
    if (typeof value !== 'string' || value === '') throw wrong(field, 'a text')
    return value
  }
  const folders = (field: string): Record<string, string> => {
    const value = told[field] ?? {}
    const isMap = typeof value === 'object' && !Array.isArray(value)
    if (!isMap || !Object.values(value as object).every((one) => typeof one === 'string')) {
      throw wrong(field, 'folders by folder')
    }
    return value as Record<string, string>
  }
  const after = told['after_fetch'] ?? 'leave'
  if (after !== 'remove' && after !== 'leave') throw wrong('after_fetch', 'remove or leave')
  const plan = { name, send: folders('send'), fetch: folders('fetch'), afterFetch: after } as const
  if ([...Object.keys(plan.send), ...Object.values(plan.fetch)].some((one) => /\.\.|^\//.test(one))) {
    throw wrong('send and fetch', 'folders below out/ and in/')
  }
  switch (told['kind']) {
    case 'folder': {
      const root = resolve(text('root'))
      return { ...plan, open: () => Promise.resolve(folderChannel(root)) }
    }
    case 'sftp': {
      const [host, user, keyFile, hostKey] = [text('host'), text('user'), text('key_file'), text('host_key')]
      const port = told['port'] ?? 22
      if (!Number.isInteger(port)) throw wrong('port', 'a number')
      return {
        ...plan,
        open: () => sftpChannel({ host, port: port as number, user, key: keyIn(keyFile), hostKey }),
      }
    }
    default:
      throw wrong('kind', 'folder or sftp')
  }
}

function keyIn(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new Refusal('key_missing', `The private key ${path} could not be read (${(error as Error).message}).`)
  }
}
