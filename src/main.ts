/** The only composition root: it alone reads the environment and the clock. */
import { userInfo } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Refusal } from './base/refusal.ts'
import { VERB_NAMES, verbOf } from './entry/cli/verbs.ts'
import { EXIT, settingsFrom, type World } from './entry/cli/world.ts'

/** The account's name; in some containers it has only a number. */
function account(): string {
  try {
    return userInfo().username
  } catch {
    return `konto ${process.getuid?.() ?? ''}`
  }
}

async function main(): Promise<number> {
  const [name, ...args] = process.argv.slice(2)
  const verb = name === undefined ? undefined : await verbOf(name)
  if (verb === undefined) {
    process.stderr.write(`Say what to do: ./toek VERB, one of ${VERB_NAMES.join(', ')}. Each has --help.\n`)
    return name === undefined || name === '--help' ? EXIT.done : EXIT.refused
  }
  if (args.includes('--help')) {
    process.stdout.write(verb.help)
    return EXIT.done
  }
  const world: World = {
    settings: settingsFrom(process.env),
    root: fileURLToPath(new URL('..', import.meta.url)),
    out: (text) => process.stdout.write(text),
    err: process.stderr,
    now: () => Date.now(),
    pid: process.pid,
    user: account(),
  }
  return await verb.run(world, args)
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    if (error instanceof Refusal) {
      process.stderr.write(`${error.message}\n`)
      process.exitCode = EXIT.refused
      return
    }
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    process.exitCode = EXIT.wrong
  },
)
