/** Files by the API: streamed into the same import as the command line's. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { FACTS, type FileSource } from '../../adapters/source-systems/index.ts'
import type { Tx } from '../../base/db.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import type { Fault } from '../../base/refusal.ts'
import { type Access, recordAudit } from '../../modules/access/index.ts'
import { publishEvents } from '../../modules/events/index.ts'
import { readFaults, SOURCE_SYSTEMS, type SourceSystem } from '../../modules/orders/index.ts'
import { type ImportResult, importFile } from '../line/import-file.ts'
import { accessOf, type Context, FACTS_ID, loading, mayRead, reading } from './context.ts'
import { HttpProblem, MEDIA_TYPES } from './problem.ts'
import { orderFileSchema, postFileSchema } from './schemas.ts'

/** A sender who is silent for so long is hung up on: the municipality's door is locked while a file comes in. */
const SILENCE_MS = 30_000
/** Refused lines shown in one answer; the rest is counted. */
const SHOWN_REFUSED = 1000

export function orderFileRoutes(app: FastifyInstance, context: Context): void {
  app.post('/api/v1/order-files', { schema: postFileSchema }, async (request, reply) => {
    const resource = await postFile(context, request)
    return reply.code(202).header('location', `/api/v1/order-files/${resource.id}`).send(resource)
  })
  app.get<{ Params: { id: string } }>('/api/v1/order-files/:id', { schema: orderFileSchema }, (request) =>
    getFile(context, request),
  )
}

interface FileResource {
  readonly id: string
  readonly state: 'loaded' | 'refused'
  readonly source_system: string
  readonly municipality: string
  readonly file_id: string
  readonly lines: number
  readonly accepted: number
  readonly held: number
  readonly refused_count: number
  readonly refused: readonly { readonly line: number; readonly faults: readonly Fault[] }[]
  /** Why the whole file was refused, or what was noticed about it. */
  readonly findings: readonly Fault[]
}

/** Source systems send their own files; facts come from FAKTA's token or from a person. */
function senderOf(access: Access): FileSource {
  if (access.kind === 'person') return FACTS
  if (access.kind !== 'source_system') throw new HttpProblem('forbidden', 'An auditor delivers no files.')
  if (access.sourceSystem === FACTS_ID) return FACTS
  return SOURCE_SYSTEMS[(access.sourceSystem ?? 0) - 1] as SourceSystem
}

async function postFile(context: Context, request: FastifyRequest): Promise<FileResource> {
  const access = accessOf(request)
  const sender = senderOf(access)
  const stream = request.body
  if (!isStream(stream)) throw new HttpProblem('media_type', MEDIA_TYPES)
  const result = await loading(context, async (line) => {
    const taken = await importFile(line, () => untilSilent(stream), {
      knownAt: context.now(),
      actor: access.actor,
      sourceSystem: sender as SourceSystem,
      municipalities: new Set(access.municipalities),
    })
    const { municipality } = taken
    if (municipality !== undefined && taken.state === 'loaded') {
      await line.connection.transaction([municipality], async (tx) => {
        await recordAudit(tx, {
          municipality,
          at: context.now(),
          actor: access.actor,
          command: 'order_file.post',
          subject: `intake ${taken.intakeNo}`,
          detail: { lines: taken.lines, accepted: taken.accepted, refused: taken.refused.length },
        })
        await publishEvents(tx, [municipality], ['received', 'refused', 'held', 'claim_opened'])
      })
    }
    return taken
  })
  refuseUnplaced(result)
  const { municipality, intakeNo } = result
  const resource = await reading(context, access, (tx) => readFile(tx, municipality as Municipality, intakeNo))
  if (resource === undefined) throw new HttpProblem('internal')
  return resource
}

/** A file without a readable envelope has no place to be kept: it is answered at once. */
function refuseUnplaced(result: ImportResult): void {
  if (result.state !== 'refused') return
  const { findings } = result
  if (findings.some((one) => one.code === 'wrong_source_system')) {
    throw new HttpProblem('wrong_source_system', undefined, findings)
  }
  if (findings.some((one) => one.code === 'file_too_large')) throw new HttpProblem('too_large', undefined, findings)
  if (result.municipality === undefined) throw new HttpProblem('faults', undefined, findings)
}

function isStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}

async function* untilSilent(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = stream[Symbol.asyncIterator]()
  try {
    for (;;) {
      let timer: NodeJS.Timeout | undefined
      const silence = new Promise<never>((_, fail) => {
        timer = setTimeout(() => fail(new HttpProblem('bad_request', 'The sender fell silent.')), SILENCE_MS)
      })
      const next = await Promise.race([chunks.next(), silence]).finally(() => clearTimeout(timer))
      if (next.done) return
      yield next.value
    }
  } finally {
    await chunks.return?.()
  }
}

async function getFile(context: Context, request: FastifyRequest<{ Params: { id: string } }>): Promise<FileResource> {
  const access = accessOf(request)
  const match = /^(\d{4})-(\d{1,7})$/.exec(request.params.id)
  if (match === null) throw new HttpProblem('unknown_file')
  const resource = await reading(context, access, (tx) => readFile(tx, Number(match[1]), Number(match[2]), access))
  if (resource === undefined) throw new HttpProblem('unknown_file')
  return resource
}

interface IntakeRow {
  source: number
  source_system: string
  file_id: string
  state: 'loaded' | 'refused'
  lines: number
  accepted: number
  held: number
  refused: number
  findings: Fault[]
}

/** `access` of a reader who must own the file; row-level security has cut to its municipalities already. */
async function readFile(
  tx: Tx,
  municipality: Municipality,
  intakeNo: number,
  access?: Access,
): Promise<FileResource | undefined> {
  const row = await tx.first<IntakeRow>(
    `select i.source_system as source, s.key as source_system, i.file_id, i.state, i.lines, i.accepted, i.held, i.refused,
       i.findings
     from intakes i join source_systems s on s.source_system = i.source_system
     where i.municipality_code = $1 and i.intake_no = $2::int`,
    [municipality, intakeNo],
  )
  if (row === undefined) return undefined
  if (access !== undefined) mayRead(access, row.source)
  const refused = await readFaults(tx, municipality, intakeNo, SHOWN_REFUSED)
  return {
    id: `${municipalityText(municipality)}-${intakeNo}`,
    state: row.state,
    source_system: row.source_system,
    municipality: municipalityText(municipality),
    file_id: row.file_id,
    lines: row.lines,
    accepted: row.accepted,
    held: row.held,
    refused_count: row.refused,
    refused: refused.map(({ line, faults }) => ({ line, faults })),
    findings: row.findings,
  }
}
