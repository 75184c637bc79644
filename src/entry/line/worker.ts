/** A worker thread: some lanes, each with its own connection. A lane whose connection broke gets a new one. */
import { parentPort, workerData } from 'node:worker_threads'
import { type Connection, connect } from '../../base/db.ts'
import { Refusal } from '../../base/refusal.ts'
import { lookup } from '../../modules/rates/index.ts'
import type { Failpoint, Line } from './line.ts'
import type { FromWorker, LaneSettings } from './pool.ts'
import { doTask, type Task } from './tasks.ts'

const settings = workerData as LaneSettings & { readonly lanes: number }
const rates = lookup(settings.book)
const port = parentPort
const free: (Connection | undefined)[] = Array.from({ length: settings.lanes }, () => undefined)
let reached = 0

function at(point: Failpoint): void {
  const { failpoint } = settings
  if (failpoint?.point === point && ++reached === failpoint.nth) process.kill(process.pid, 'SIGKILL')
}

async function run(id: number, task: Task): Promise<void> {
  let connection = free.pop()
  try {
    if (connection === undefined || connection.broken) connection = await connect(settings.url, 'loader', settings.who)
    const line: Line = { connection, rates, folders: settings.folders, at }
    answer({ id, result: await doTask(line, task) })
  } catch (error) {
    answer(told(id, error as Error))
  } finally {
    free.push(connection)
  }
}

function told(id: number, error: Error): FromWorker {
  if (error instanceof Refusal) return { id, refusal: { code: error.code, message: error.message } }
  const code = (error as { code?: unknown }).code
  return {
    id,
    error: { message: error.message, stack: error.stack, code: typeof code === 'string' ? code : undefined },
  }
}

function answer(message: FromWorker): void {
  port?.postMessage(message)
}

port?.on('message', (message: 'close' | { id: number; task: Task }) => {
  if (message !== 'close') {
    void run(message.id, message.task)
    return
  }
  void Promise.all(free.map((connection) => connection?.close())).then(() => port?.close())
})
