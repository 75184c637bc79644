/** Lanes: each is one database connection in one of a few worker threads; tasks wait in line for a free one. */
import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { Refusal } from '../../base/refusal.ts'
import type { RateBook } from '../../modules/rates/index.ts'
import type { Folders } from './line.ts'
import type { Task, TaskResults } from './tasks.ts'

export interface LaneSettings {
  readonly url: string
  readonly book: RateBook
  readonly folders: Folders
  readonly who: string
  /** A fault test: kill the program when this point is reached for the n-th time in a thread. */
  readonly failpoint?: { readonly point: string; readonly nth: number } | undefined
}

export interface Pool {
  /** Each has some lanes. */
  readonly threads: number
  do<T extends Task>(task: T): Promise<TaskResults[T['kind']]>
  close(): Promise<void>
}

export type FromWorker =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly refusal: { code: string; message: string } }
  | { readonly id: number; readonly error: { message: string; stack: string | undefined; code: string | undefined } }

interface Waiting {
  readonly task: Task
  readonly done: (value: never) => void
  readonly failed: (error: Error) => void
}

/**
 * Connections per worker: while some wait for the database or its disk, another computes. With two, a month of
 * corrections takes a twentieth longer.
 */
const LANES_PER_WORKER = 3
/**
 * The most megabytes of old heap that a worker may need: 96 were too few for the runs of one municipality with 200,000
 * orders. How much it holds in other months is said by its growth, a flag of `toek.mjs` as the young space is.
 */
const WORKER_HEAP_MB = 256

/**
 * Rows on their way to and from the database lie outside V8's heap. Counted by themselves they start a full collection
 * at every 64 MB that passed, though nothing is left of them; counted with the heap they wait for its limit.
 */
const COUNT_OUTSIDE_WITH_HEAP = '--external-memory-accounted-in-global-limit'

/**
 * How much a heap may grow before it is collected again. V8's own measure for heaps as small as these is 30: two
 * hundred collections in a month of 200,000 orders, a tenth of all that was computed. More costs memory.
 */
const LET_HEAPS_GROW = '--heap-growing-percent=60'

interface Thread {
  readonly worker: Worker
  free: number
  ended: boolean
}

function startThread(
  settings: LaneSettings,
  answered: (thread: Thread, message: FromWorker) => void,
  failed: (error: Error) => void,
): Thread {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: { ...settings, lanes: LANES_PER_WORKER },
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
  })
  const thread: Thread = { worker, free: LANES_PER_WORKER, ended: false }
  worker.on('error', failed)
  worker.on('exit', () => {
    thread.ended = true
    thread.free = LANES_PER_WORKER
    failed(new Error('a worker of the line ended'))
  })
  worker.on('message', (message: FromWorker) => answered(thread, message))
  return thread
}

export function startPool(settings: LaneSettings, workers = Math.min(4, availableParallelism())): Pool {
  setFlagsFromString(COUNT_OUTSIDE_WITH_HEAP)
  setFlagsFromString(LET_HEAPS_GROW)
  const queue: Waiting[] = []
  const running = new Map<number, Waiting>()
  const threads: Thread[] = []
  let nextId = 0
  let fault: Error | undefined

  function dispatch(): void {
    while (queue.length > 0) {
      const thread = threads.reduce((best, one) => (one.free > best.free ? one : best))
      if (thread.free === 0) return
      const waiting = queue.shift() as Waiting
      if (fault !== undefined) {
        waiting.failed(fault)
        continue
      }
      thread.free--
      const id = nextId++
      running.set(id, waiting)
      thread.worker.postMessage({ id, task: waiting.task })
    }
  }
  function failAll(error: Error): void {
    fault ??= error
    for (const waiting of running.values()) waiting.failed(error)
    running.clear()
    dispatch()
  }
  const answered = (thread: Thread, message: FromWorker): void => {
    thread.free++
    const waiting = running.get(message.id)
    running.delete(message.id)
    if ('result' in message) waiting?.done(message.result as never)
    else waiting?.failed(errorOf(message))
    dispatch()
  }
  for (let i = 0; i < workers; i++) threads.push(startThread(settings, answered, failAll))
  return {
    threads: threads.length,
    do: (task) =>
      new Promise((done, failed) => {
        queue.push({ task, done, failed })
        dispatch()
      }),
    close: async () => {
      fault ??= new Error('the line is closed')
      // Work that is still under way belongs to a run that has failed: its transactions are rolled back.
      const cut = running.size > 0
      await Promise.all(
        threads.map(async ({ worker, ended }) => {
          if (ended) return
          if (cut) await worker.terminate()
          else {
            const over = new Promise((done) => worker.once('exit', done))
            worker.postMessage('close')
            await over
          }
        }),
      )
    },
  }
}

function errorOf(message: Exclude<FromWorker, { result: unknown }>): Error {
  if ('refusal' in message) return new Refusal(message.refusal.code, message.refusal.message)
  const error: Error & { code?: string } = new Error(message.error.message)
  if (message.error.stack !== undefined) error.stack = message.error.stack
  if (message.error.code !== undefined) error.code = message.error.code
  return error
}
