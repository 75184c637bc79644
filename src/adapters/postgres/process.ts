import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readOr } from '../../base/process.ts'

export { isRunning, processIdentity, readOr } from '../../base/process.ts'

/** An account of this machine that a program is run as; undefined means: as ourselves. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** What our own programs see: nothing of the caller's PGHOST, LD_PRELOAD or locale reaches the server. */
const quietEnvironment = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/** Spawn options for an account. The working directory is one that every account may stand in. */
export function asAccount(account: Account | undefined) {
  const base = { cwd: '/', env: quietEnvironment }
  return account === undefined ? base : { ...base, uid: account.uid, gid: account.gid }
}

export interface Outcome {
  readonly ok: boolean
  /** stdout and stderr as they came. */
  readonly output: string
}

/** Runs a program to its end. A program that cannot be started is an outcome too, with the system's word for it. */
export function run(program: string, args: readonly string[], account: Account | undefined): Promise<Outcome> {
  return new Promise((done) => {
    let output = ''
    const child = spawn(program, args, { ...asAccount(account), stdio: ['ignore', 'pipe', 'pipe'] })
    const take = (chunk: Buffer) => {
      output += chunk.toString('utf8')
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', (error) => done({ ok: false, output: error.message }))
    // 'exit' and not 'close': a server started from here may hold the pipes open for as long as it lives.
    child.on('exit', (code) => setImmediate(() => done({ ok: code === 0, output })))
  })
}

/** The command line of a process, or '' when there is none or it may not be seen. */
export function commandLine(pid: number): string {
  if (existsSync('/proc/self/stat')) return readOr(`/proc/${pid}/cmdline`, '').replaceAll('\0', ' ').trim()
  return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? ''
}
