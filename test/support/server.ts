/** The API over a test's line, and the token of a source system of one municipality. */
import type { FastifyInstance } from 'fastify'
import { connect } from '../../src/base/db.ts'
import type { Municipality } from '../../src/base/id.ts'
import { demoTokens } from '../../src/entry/http/demo-tokens.ts'
import { buildServer } from '../../src/entry/http/index.ts'
import type { TestLine } from './line.ts'

export async function serverOf(
  line: TestLine,
  code: Municipality,
  now: string,
): Promise<{ readonly app: FastifyInstance; readonly token: string }> {
  const owner = await connect(line.url, 'owner')
  const asked = { mode: 'demo', dataDir: line.out, municipalities: [code], now: '2026-01-01T00:00:00Z' } as const
  const tokens = await demoTokens(owner, asked)
  await owner.close()
  const folders = { out: line.out, in: line.out }
  const app = await buildServer({ url: line.url, rates: line.rates, folders, now: () => now, mode: 'demo' })
  return { app, token: tokens['KY'] ?? '' }
}
