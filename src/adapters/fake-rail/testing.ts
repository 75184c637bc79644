/** The fake as a process in a place of its own, for its tests. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { bundle, fileHeader, payment, type TestBundle } from '../bank/testing.ts'
import { writePaymentFile } from '../nemkonto/index.ts'

const MAIN = join(import.meta.dirname, 'main.ts')
const folders: string[] = []
const running = new Set<ChildProcess>()
after(() => {
  for (const child of running) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

export interface Rail {
  readonly folder: string
  readonly child: ChildProcess
  post(path: string, body: unknown): Promise<Record<string, never>>
  get(path: string): Promise<string>
  stop(): Promise<void>
}

export function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fake-rail-'))
  folders.push(folder)
  mkdirSync(join(folder, 'to'))
  return folder
}

export function spawnRail(folder: string, stderr: 'pipe' | 'inherit' = 'pipe'): ChildProcess {
  const at = (name: string): string => join(folder, name)
  const args = ['--in', at('to'), '--out', at('from'), '--books', at('books'), '--port', '0']
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', stderr] })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

export async function startRail(folder: string): Promise<Rail> {
  const at = (name: string): string => join(folder, name)
  const child = spawnRail(folder, 'inherit')
  const exited = once(child, 'exit')
  let line = ''
  for await (const chunk of child.stdout!) {
    line += String(chunk)
    if (line.includes('\n')) break
  }
  const url = /^FAKE-RAIL (http:\/\/127\.0\.0\.1:\d+)\/\n$/.exec(line)?.[1]
  assert.ok(url, `unexpected first line: ${line}`)
  const told = JSON.parse(readFileSync(at('books/fake.json'), 'utf8')) as { pid: number; port: number }
  assert.equal(told.pid, child.pid)
  assert.ok(url.endsWith(`:${told.port}`))
  const post = async (path: string, body: unknown) => {
    const response = await fetch(url + path, { method: 'POST', body: JSON.stringify(body) })
    return (await response.json()) as Record<string, never>
  }
  return {
    folder,
    child,
    post,
    get: async (path) => (await fetch(url + path)).text(),
    async stop() {
      await post('/quit', {})
      await exited
    },
  }
}

export function send(folder: string, name: string, bundles: TestBundle[]): void {
  const text = [...writePaymentFile(fileHeader(name.slice(0, -4), bundles), bundles)].join('')
  const path = join(folder, 'to', name)
  writeFileSync(`${path}.tmp`, text)
  renameSync(`${path}.tmp`, path)
}

export const ACCOUNT = '24690000000751'
export const OTHER = '24690000000101'

/** Six payments on one account (kr. 1, 2, 4, 8, 16, 32) and one on another. */
export function round(): TestBundle[] {
  const fates = ['0000', '9902', '9907', '9908', '9909', '0001']
  const payments = fates.map((last4, i) => payment(i + 1, 100 * 2 ** i, last4))
  return [bundle('0751R12U1', '2026-03-31', payments), bundle('0751R12U2', '2026-03-31', [payment(7, 700)], OTHER)]
}
