import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Line } from './line.ts'
import { publishAll, staging } from './out-file.ts'

/** The texts written one after another and published; the answer is what lies there. */
async function written(texts: readonly string[], encoding: 'utf8' | 'latin1'): Promise<Buffer> {
  const out = mkdtempSync(join(tmpdir(), 'toek-out-file-'))
  try {
    const line = { folders: { out }, at: () => undefined } as unknown as Line
    const staged = await staging(line, async (stage) => {
      const stager = await stage('folder', 'name.txt', encoding)
      for (const text of texts) await stager.write(text)
      return await stager.finish()
    })
    const path = join(out, 'folder', 'name.txt')
    assert.ok(!existsSync(path), 'it has no name before it is published')
    await publishAll(line, [staged])
    assert.ok(!existsSync(`${path}.tmp`))
    const bytes = readFileSync(path)
    assert.equal(staged.bytes, bytes.length)
    assert.deepEqual(staged.sha256, createHash('sha256').update(bytes).digest())
    return bytes
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

const LONG = 'Ærø, € og 😀; '.repeat(90_000)

for (const encoding of ['utf8', 'latin1'] as const) {
  test(`what lies there is the ${encoding} of the texts, however they are cut`, async () => {
    const expected = Buffer.from(LONG, encoding)
    assert.ok(expected.equals(await written([LONG], encoding)))
    assert.ok(
      expected.equals(await written(['', LONG.slice(0, 7), LONG.slice(7, 200_000), LONG.slice(200_000)], encoding)),
    )
    // Pieces of whole sentences: a text is never cut within a pair by whoever writes it.
    const step = 14 * 19
    const pieces: string[] = []
    for (let from = 0; from < LONG.length; from += step) pieces.push(LONG.slice(from, from + step))
    assert.ok(expected.equals(await written(pieces, encoding)))
  })
}

test('a file without text is an empty file', async () => {
  assert.equal((await written([], 'utf8')).length, 0)
})

test('after a fault nothing is left of what was staged, and nothing stays open', async () => {
  const out = mkdtempSync(join(tmpdir(), 'toek-out-file-'))
  try {
    const line = { folders: { out }, at: () => undefined } as unknown as Line
    const made = staging(line, async (stage) => {
      for (const name of ['one.txt', 'two.txt']) await (await stage('folder', name)).write(LONG)
      throw new Error('the database is gone')
    })
    await assert.rejects(made, /the database is gone/)
    assert.deepEqual(readdirSync(join(out, 'folder')), [])
    if (process.platform === 'linux')
      assert.deepEqual(
        openFiles().filter((path) => path.startsWith(out)),
        [],
      )
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
})

function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      return []
    }
  })
}
