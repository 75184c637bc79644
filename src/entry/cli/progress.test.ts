import assert from 'node:assert/strict'
import test from 'node:test'
import { type Progress, progress } from './progress.ts'

function setup(options: { isTTY?: boolean; columns?: number; silent?: boolean }) {
  let time = 0
  let written = ''
  const { silent = false, ...terminal } = options
  const stream = { write: (text: string) => (written += text), ...terminal }
  const reporter: Progress = progress({ stream, now: () => time, silent })
  return {
    reporter,
    after: (ms: number) => {
      time += ms
    },
    take: () => {
      const text = written
      written = ''
      return text
    },
  }
}

test('a log gets a line every five seconds, not one per batch, and one when the stage ends', () => {
  const { reporter, after, take } = setup({})
  reporter.stage('calculating', 1_000_000)
  for (let batch = 1; batch <= 100; batch++) {
    after(120)
    reporter.done(batch * 5_000)
  }
  assert.equal(
    take(),
    'calculating: 210.000 af 1.000.000, 41.667/s, 19 s tilbage\ncalculating: 420.000 af 1.000.000, 41.667/s, 14 s tilbage\n',
  )
  reporter.end()
  assert.equal(take(), 'calculating: 500.000 på 12 s, 41.667/s\n')
  reporter.end()
  assert.equal(take(), '')
})

test('a terminal gets one line that is rewritten, with a bar, and never wider than the terminal', () => {
  const { reporter, after, take } = setup({ isTTY: true, columns: 40 })
  reporter.stage('importing', 200)
  after(1000)
  reporter.done(100)
  const drawn = take().split('\r\u001b[K')
  assert.equal(drawn.length, 3)
  assert.match(drawn[2] ?? '', /^importing {2}█{12}░{12} 5/)
  assert.ok(drawn.every((line) => line.length < 40 && !line.includes('\n')))
})

test('calls between two drawings write nothing', () => {
  const { reporter, after, take } = setup({ isTTY: true, columns: 80 })
  reporter.stage('importing', 200)
  take()
  after(50)
  reporter.done(10)
  assert.equal(take(), '')
})

test('a stage of unknown length shows how many and how fast, and no time left', () => {
  const { reporter, after, take } = setup({})
  reporter.stage('reading')
  after(6000)
  reporter.done(30)
  assert.equal(take(), 'reading: 30, 5,0/s\n')
  after(3_600_000)
  reporter.stage('writing', 5)
  assert.equal(take(), 'reading: 30 på 1 t 0 min, 0,0/s\n')
})

test('a line of its own does not destroy the bar', () => {
  const { reporter, take } = setup({ isTTY: true, columns: 80 })
  reporter.stage('importing', 10)
  take()
  reporter.say('file KY-1 refused')
  const text = take()
  assert.ok(text.startsWith('\r\u001b[Kfile KY-1 refused\n'))
  assert.ok(text.endsWith('░ 0 %  0 af 10'))
})

test('with JSON asked for, nothing at all is written', () => {
  const { reporter, after, take } = setup({ isTTY: true, silent: true })
  reporter.stage('importing', 10)
  after(60_000)
  reporter.done(10)
  reporter.say('x')
  reporter.end()
  assert.equal(take(), '')
})
