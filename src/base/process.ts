/** Which process of this machine is meant, and whether it lives. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/**
 * A running process by pid and time of start, so that a pid used again is not mistaken for it.
 * @returns undefined when no such process runs; one that has ended and only waits to be reaped does not run.
 */
export function processIdentity(pid: number): string | undefined {
  if (existsSync('/proc/self/stat')) {
    const stat = readOr(`/proc/${pid}/stat`, '')
    if (stat === '') return undefined
    // The name in parentheses may hold spaces; the fields after it do not.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${pid}.${fields[19]}`
  }
  const ps = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
  const text = ps.stdout?.trim() ?? ''
  if (ps.status !== 0 || text === '' || text.startsWith('Z')) return undefined
  return `${pid}.${text.slice(text.indexOf(' ')).trim().replaceAll(/\W+/g, '_')}`
}

/** Whether the process that wrote this identity still runs. */
export function isRunning(identity: string): boolean {
  return processIdentity(Number.parseInt(identity, 10)) === identity
}

export function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return otherwise
  }
}
