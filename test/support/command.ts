/** A verb of the command line as a person gives it, in this process. */
import type { Verb } from '../../src/entry/cli/verbs.ts'
import type { World } from '../../src/entry/cli/world.ts'

export interface Commanding {
  readonly dataDir: string
  readonly url: string
  /** The wall clock, and the account that runs the program. */
  readonly now: string
  readonly user: string
}

/** Its exit code, and what it said. */
export async function command(
  verb: Verb,
  args: readonly string[],
  { dataDir, url, now, user }: Commanding,
): Promise<{ readonly code: number; readonly out: string }> {
  let out = ''
  const world = {
    settings: { dataDir, databaseUrl: url },
    out: (text: string) => (out += text) !== '',
    err: { write: () => true },
    now: () => Date.parse(now),
    pid: 1,
    user,
  } as unknown as World
  return { code: await verb.run(world, args), out }
}
