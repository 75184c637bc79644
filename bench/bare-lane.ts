/** One lane of the bare line: see bare.ts. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { SaxesParser } from 'saxes'
import { type Connection, connect } from '../src/base/db.ts'
import { type BareWork, LANES } from './bare.ts'
import { isEmpty, part } from './floor.ts'

/** What a later stage goes on from: calculation, payment files, what is told. */
const READ_AGAIN = ['orders', 'order_lines', 'parties', 'tax_cards', 'calculations', 'payments', 'payment_parts']

const work = workerData as BareWork
const mine = (i: number): boolean => i % LANES === work.lane

function read(): void {
  for (const path of work.read.filter((_, i) => mine(i))) {
    const bytes = readFileSync(path)
    createHash('sha256').update(bytes).digest()
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(10, at)
      const until = end < 0 ? bytes.length : end
      if (until > at) JSON.parse(bytes.toString('utf8', at, until))
      at = until + 1
    }
  }
}

async function copyIn(connection: Connection): Promise<void> {
  for (let i = 0; i < work.commits; i++) {
    if (!mine(i)) continue
    await connection.transaction([], async (tx) => {
      for (const one of work.kept) {
        const rows = part(one, i)
        if (!isEmpty(rows)) await tx.copyIn(`floor.${one.table}`, one.columns, rows)
      }
    })
  }
}

async function copyOut(connection: Connection): Promise<void> {
  for (const [i, table] of READ_AGAIN.entries()) {
    if (mine(i)) await connection.db.copyOut(`select * from floor.${table}`)
  }
}

function files(): void {
  for (const path of work.write.filter((_, i) => mine(i))) {
    const bytes = readFileSync(path)
    const file = openSync(`${path}.bare`, 'w')
    writeSync(file, bytes)
    fsyncSync(file)
    closeSync(file)
    renameSync(`${path}.bare`, `${path}.done`)
    rmSync(`${path}.done`)
  }
  for (const path of work.xml.filter((_, i) => mine(i))) {
    const parser = new SaxesParser()
    const text = readFileSync(path, 'utf8')
    if (text.startsWith('<')) parser.write(text).close()
  }
}

const connection = await connect(work.url, undefined, 'bench')
parentPort?.postMessage('ready')
await once(parentPort as NonNullable<typeof parentPort>, 'message')
const steps: Record<string, number> = {}
for (const [name, step] of Object.entries({ read, copyIn, copyOut, files })) {
  const began = process.hrtime.bigint()
  await step(connection)
  steps[name] = Math.round(Number(process.hrtime.bigint() - began) / 1e7) / 100
}
await connection.close()
parentPort?.postMessage(steps)
