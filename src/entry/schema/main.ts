/**
 * `npm run schema`: makes an empty database by the migrations, on a server of its own, and writes db/schema.sql.
 * `npm run schema -- --check` writes nothing and ends with 1 when the file is not what the migrations make.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeEmbedded, startEmbedded } from '../../adapters/postgres/embedded.ts'
import { connect } from '../../base/db.ts'
import { migrate } from '../../base/migrate.ts'
import { dumpSchema } from './dump-schema.ts'

const FILE = new URL('../../../db/schema.sql', import.meta.url)
const NO_REFERENCE = { rows: [], municipalities: [], benefits: [], accounts: [] }

async function freshSchema(): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), 'toek-schema-'))
  // As root the server runs as another account, which must be able to walk through.
  if (process.getuid?.() === 0) chmodSync(scratch, 0o711)
  const dataDir = join(scratch, 'pg')
  const server = await startEmbedded({ dataDir, log: () => undefined, settings: { fsync: 'off' } })
  try {
    await migrate(server.url, { mode: 'demo', reference: NO_REFERENCE })
    const connection = await connect(server.url, undefined, 'toek schema')
    try {
      return await dumpSchema(connection.db)
    } finally {
      await connection.close()
    }
  } finally {
    await server.stop()
    await removeEmbedded(dataDir, () => undefined)
    rmSync(scratch, { recursive: true, force: true })
  }
}

const made = await freshSchema()
if (!process.argv.includes('--check')) {
  writeFileSync(FILE, made)
  process.stdout.write(`db/schema.sql: ${made.split('\n').length} lines\n`)
} else if (made !== readFileSync(FILE, 'utf8')) {
  process.stderr.write(
    'db/schema.sql is not what the migrations make. Run npm run schema and look at the difference.\n',
  )
  process.exitCode = 1
}
