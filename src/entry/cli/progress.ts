/**
 * Tells a person how far long work has come: one line that is rewritten on a terminal, a plain line about every five
 * seconds in a log, nothing when the caller asked for JSON. Time and stream are given, so it is tested without either.
 */
import { finishedText, progressText } from '../text/index.ts'

export interface ProgressStream {
  write(text: string): unknown
  readonly isTTY?: boolean
  /** Width of the terminal in characters. */
  readonly columns?: number
}

export interface ProgressOptions {
  readonly stream: ProgressStream
  /** Milliseconds; only differences count. */
  readonly now: () => number
  /** The caller wants JSON (or quiet): nothing is written. */
  readonly silent?: boolean
}

export interface Progress {
  /**
   * A new stage begins; the one before it ends.
   * @param total how many there are, or undefined when that is not known
   */
  stage(name: string, total?: number): void
  /** How many of the stage are done by now: the whole number, not a step. Cheap enough to call per batch. */
  done(count: number): void
  /** A line of its own, above the bar. */
  say(line: string): void
  /** Ends the last stage. Safe to call twice. */
  end(): void
}

const barEveryMs = 100
const lineEveryMs = 5_000
const barCells = 24

interface Stage {
  readonly name: string
  readonly total: number | undefined
  readonly began: number
  done: number
  told: number
}

const nothing: Progress = { stage: () => {}, done: () => {}, say: () => {}, end: () => {} }

export function progress({ stream, now, silent = false }: ProgressOptions): Progress {
  if (silent) return nothing
  const onTerminal = stream.isTTY === true
  const every = onTerminal ? barEveryMs : lineEveryMs
  let stage: Stage | undefined

  const draw = (current: Stage, at: number): void => {
    current.told = at
    if (onTerminal) stream.write(`\r\u001b[K${cut(barLine(current, at), stream.columns ?? 80)}`)
    else stream.write(`${current.name}: ${counts(current, at)}\n`)
  }
  const end = (): void => {
    if (stage === undefined) return
    const at = now()
    const line = `${stage.name}: ${finishedText(stage.done, (at - stage.began) / 1000)}\n`
    stream.write(onTerminal ? `\r\u001b[K${line}` : line)
    stage = undefined
  }
  return {
    stage(name, total) {
      end()
      const at = now()
      stage = { name, total, began: at, done: 0, told: at }
      if (onTerminal) draw(stage, at)
    },
    done(count) {
      if (stage === undefined) return
      stage.done = count
      const at = now()
      if (at - stage.told >= every) draw(stage, at)
    },
    say(line) {
      stream.write(onTerminal ? `\r\u001b[K${line}\n` : `${line}\n`)
      if (onTerminal && stage !== undefined) draw(stage, now())
    },
    end,
  }
}

function barLine(stage: Stage, at: number): string {
  if (stage.total === undefined || stage.total === 0) return `${stage.name}  ${counts(stage, at)}`
  const part = Math.min(1, stage.done / stage.total)
  const full = Math.floor(part * barCells)
  const bar = '█'.repeat(full) + '░'.repeat(barCells - full)
  return `${stage.name}  ${bar} ${Math.floor(part * 100)} %  ${counts(stage, at)}`
}

function counts({ done, total, began }: Stage, at: number): string {
  return progressText(done, total, (at - began) / 1000)
}

/** A line that wraps cannot be rewritten by a carriage return. */
function cut(line: string, columns: number): string {
  return line.length < columns ? line : line.slice(0, Math.max(0, columns - 1))
}
