/** Tokens of the demo: one for each source system and the two persons of a run, and an auditor. Nowhere else. */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import type { Mode } from '../../base/migrate.ts'
import { Refusal } from '../../base/refusal.ts'
import { type Access, issueToken } from '../../modules/access/index.ts'
import { SOURCE_SYSTEM_ID } from '../../modules/orders/index.ts'
import { FACTS_ID } from './context.ts'

/** Nobody can guess it. */
export function newToken(): string {
  return `toek_${randomBytes(24).toString('base64url')}`
}

/** Name → token, as in the file. */
export type DemoTokens = Readonly<Record<string, string>>

/** `actor` where it is not the name in the file: Danish letters are no key for a shell. */
type Who = Pick<Access, 'kind' | 'sourceSystem' | 'roles'> & { readonly actor?: string }

const HOLDERS: Readonly<Record<string, Who>> = {
  KY: { kind: 'source_system', sourceSystem: SOURCE_SYSTEM_ID.KY, roles: [] },
  KSD: { kind: 'source_system', sourceSystem: SOURCE_SYSTEM_ID.KSD, roles: [] },
  KP: { kind: 'source_system', sourceSystem: SOURCE_SYSTEM_ID.KP, roles: [] },
  FAKTA: { kind: 'source_system', sourceSystem: FACTS_ID, roles: [] },
  planlaegger: { kind: 'person', sourceSystem: undefined, roles: ['planner'], actor: 'planlægger' },
  godkender: { kind: 'person', sourceSystem: undefined, roles: ['approver'] },
  auditor: { kind: 'auditor', sourceSystem: undefined, roles: ['auditor'] },
}

/**
 * The tokens in `tokens.json` of the data folder (mode 0600), made when the file is not there, and known to the
 * database. Any number of times; a file from before a database was made anew is taken up again.
 * `owner` is a connection in the owner's role.
 * @throws Refusal `not_demo` outside demo mode
 */
export async function demoTokens(
  owner: Connection,
  demo: { mode: Mode; dataDir: string; municipalities: readonly Municipality[]; now: string },
): Promise<DemoTokens> {
  if (demo.mode !== 'demo') throw new Refusal('not_demo', 'Demo tokens exist in a demo only; issue tokens by name.')
  const path = join(demo.dataDir, 'tokens.json')
  const known = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Partial<Record<string, string>>) : {}
  const tokens: Record<string, string> = {}
  for (const name of Object.keys(HOLDERS)) tokens[name] = known[name] ?? newToken()
  await owner.transaction(demo.municipalities, async (tx) => {
    for (const [name, who] of Object.entries(HOLDERS)) {
      const token = tokens[name] as string
      await issueToken(tx, { actor: name, ...who, token, municipalities: demo.municipalities, validFrom: demo.now })
    }
  })
  const temporary = `${path}.tmp`
  writeFileSync(temporary, `${JSON.stringify(tokens, undefined, 1)}\n`, { mode: 0o600 })
  chmodSync(temporary, 0o600)
  renameSync(temporary, path)
  return tokens
}
