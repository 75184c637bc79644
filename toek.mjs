// The door of a fresh machine. Runs on the machine's own Node (20 or newer), imports nothing that must be installed first,
// installs what package-lock.json names when it is not there, and hands over to the pinned Node 24.
//
//   node toek.mjs VERB …             runs src/main.ts VERB …
//   node toek.mjs --run FILE.ts …    runs another program of this repository with the same Node
//
// Exit code: that of the program. Before it has begun: 3, with a sentence on stderr saying what a person must do.
import { spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const modules = join(root, 'node_modules')
const stampFile = join(modules, '.toek-stamp')
const oldestNode = 20
const pinnedNode = 24
const needsAPerson = 3

const say = (line) => process.stderr.write(`${line}\n`)

function giveUp(sentence) {
  say(sentence)
  process.exit(needsAPerson)
}

function readOr(file, otherwise) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return otherwise
  }
}

// ---- installed? ------------------------------------------------------------------------------------------------------

/** The stamp names the lockfile and the platform: a node_modules copied from another kind of machine does not count. */
function wantedStamp() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}\n`
}

/** Whether npm's own record of what it installed agrees with package-lock.json (someone ran plain `npm ci`). */
function npmInstalledTheSame() {
  const installed = JSON.parse(readOr(join(modules, '.package-lock.json'), '{}')).packages
  if (installed === undefined) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const same = (a, b) => a?.version === b?.version && a?.integrity === b?.integrity
  const fits = (list, value) => list === undefined || [list].flat().includes(value)
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue
    const fitsHere = fits(entry.os, process.platform) && fits(entry.cpu, process.arch) && fits(entry.libc, 'glibc')
    const mayLack = entry.optional === true && !fitsHere
    if (installed[path] === undefined ? !mayLack : !same(installed[path], entry)) return false
  }
  return Object.entries(installed).every(([path, entry]) => same(wanted[path], entry) && existsSync(join(root, path)))
}

function stamp(text) {
  try {
    writeFileSync(stampFile, text)
  } catch {
    // A node_modules that this account may read but not write is as good; it is only looked at once more next time.
  }
}

function isInstalled(wanted) {
  if (readOr(stampFile, '') === wanted) return true
  if (!npmInstalledTheSame()) return false
  stamp(wanted)
  return true
}

// ---- one installer at a time -----------------------------------------------------------------------------------------

/** A process by pid and time of start, so that a pid used again is not mistaken for it. Undefined: not running. */
function identity(pid) {
  const stat = readOr(`/proc/${pid}/stat`, undefined)
  if (stat !== undefined) {
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : `${pid}.${fields[19]}`
  }
  if (existsSync('/proc/self/stat')) return undefined
  const ps = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
  return ps.status === 0 ? `${pid}.${ps.stdout.trim().replace(/\W+/g, '_')}` : undefined
}

/**
 * The lock is a directory with one file named after its owner, put in place by one rename. A dead owner's file is
 * removed by its exact name and the empty directory taken over by the next rename, so no live lock is ever removed.
 */
function tryLock(lock) {
  const owner = identity(process.pid)
  const mine = `${lock}.${process.pid}-${randomBytes(4).toString('hex')}`
  mkdirSync(mine)
  writeFileSync(join(mine, owner), '')
  try {
    renameSync(mine, lock)
    return () => {
      unlinkSync(join(lock, owner))
      try {
        rmdirSync(lock)
      } catch {
        // The next one has it already.
      }
    }
  } catch (error) {
    unlinkSync(join(mine, owner))
    rmdirSync(mine)
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  }
  return undefined
}

function dropDeadOwner(lock) {
  let owners = []
  try {
    owners = readdirSync(lock)
  } catch {
    return undefined
  }
  for (const owner of owners) {
    const pid = Number.parseInt(owner, 10)
    if (identity(pid) === owner) return pid
    try {
      unlinkSync(join(lock, owner))
    } catch {
      // Someone else saw it too.
    }
  }
  return undefined
}

async function takeLock(lock) {
  let told = false
  for (;;) {
    const release = tryLock(lock)
    if (release !== undefined) return release
    const pid = dropDeadOwner(lock)
    if (pid === undefined) continue
    if (!told) say(`toek: process ${pid} is installing the same packages; waiting for it …`)
    told = true
    await new Promise((done) => setTimeout(done, 200))
  }
}

function npmCi() {
  // Under `npm start` the same npm is used again, even when none is on the path.
  const outer = process.env.npm_execpath
  const [command, first] =
    outer !== undefined && basename(outer) === 'npm-cli.js' ? [process.execPath, [outer]] : ['npm', []]
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--include=dev', '--include=optional', '--loglevel=error']
  return new Promise((done) => {
    // npm's own words go to stderr: stdout belongs to the verb, which may have been asked for JSON.
    const child = spawn(command, [...first, 'ci', ...flags], { cwd: root, stdio: ['ignore', 2, 2] })
    child.on('error', (error) => done(error.code === 'ENOENT' ? 'npm was not found' : error.message))
    child.on('close', (code, signal) => done(code === 0 ? undefined : `npm ci ended with ${signal ?? `code ${code}`}`))
  })
}

async function install() {
  const wanted = wantedStamp()
  if (isInstalled(wanted)) return
  let release
  try {
    release = await takeLock(join(root, '.toek-installing'))
  } catch (error) {
    giveUp(`toek: packages must be installed, but ${root} cannot be written (${error.code}). Run npm ci there once.`)
  }
  try {
    if (isInstalled(wanted)) return
    const began = performance.now()
    say('toek: first start: installing the packages that package-lock.json names (npm ci) …')
    const problem = await npmCi()
    if (problem !== undefined) {
      process.exitCode = needsAPerson
      say(`toek: the packages were not installed: ${problem}. See the lines above; it needs a package registry and ~600 MB.`)
      return
    }
    stamp(wanted)
    say(`toek: packages installed in ${Math.round((performance.now() - began) / 1000)} s`)
  } finally {
    release()
  }
}

// ---- hand over -------------------------------------------------------------------------------------------------------

function findNode() {
  const own = Number.parseInt(process.versions.node, 10)
  const pinned = join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (existsSync(pinned)) return pinned
  if (own >= pinnedNode) return process.execPath
  return giveUp(
    `toek: there is no pinned Node for ${process.platform}-${process.arch}, and this Node is ${process.version}. ` +
      `Install Node ${pinnedNode} or newer and start again.`,
  )
}

/** Whether a key press in a terminal reaches this whole process group, and so the child without our help. */
function inForegroundOfTerminal() {
  const stat = readOr('/proc/self/stat', undefined)
  if (stat === undefined) return process.stdin.isTTY === true || process.stderr.isTTY === true
  const [, , group, , terminal, foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return terminal !== '0' && group === foreground
}

/** npm gives its SIGTERM to the shell between it and us, which dies of it and tells nobody. */
function endWithParent(onSignal) {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    onSignal('SIGTERM')
  }, 250)
  watch.unref()
}

function handOver(node, program, args) {
  // Types are stripped and code is compiled once, not by every thread of every program anew. Where the folder cannot be
  // written Node goes on without it.
  const env = { NODE_COMPILE_CACHE: join(modules, '.cache', 'toek'), ...process.env }
  // The young space of every thread: three of these. It holds for workers too, whatever limits they are given.
  const flags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4']
  const child = spawn(node, [...flags, program, ...args], { stdio: 'inherit', env })
  const forwarded = new Set()
  const onSignal = (signal) => {
    if (forwarded.has(signal)) return
    forwarded.add(signal)
    if (signal !== 'SIGTERM' && inForegroundOfTerminal()) return
    child.kill(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal)
  if (process.env.npm_lifecycle_event !== undefined) endWithParent(onSignal)
  child.on('error', (error) => {
    giveUp(`toek: ${node} does not run on this machine (${error.code}); the pinned Node needs Linux with glibc, or macOS.`)
  })
  child.on('close', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
    // A signal that does not end us (or ends us a moment later) still gives the shell's code for it.
    setTimeout(() => process.exit(128 + constants.signals[signal]), 1000)
  })
}

if (Number.parseInt(process.versions.node, 10) < oldestNode) {
  giveUp(`toek: this Node is ${process.version}; Node ${oldestNode} or newer is needed to start.`)
}
await install()
if (process.exitCode === undefined) {
  const args = process.argv.slice(2)
  const other = args[0] === '--run'
  if (other && args[1] === undefined) giveUp('toek: --run needs the name of a .ts file.')
  handOver(findNode(), other ? resolve(root, args[1]) : join(root, 'src', 'main.ts'), other ? args.slice(2) : args)
}
