import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { type LineLimits, MAX_LINE_BYTES, type Receipt, type ReadLine, readLines } from './read-lines.ts'

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function readAll(
  source: AsyncIterable<Uint8Array>,
  limits: LineLimits = {},
): Promise<{ lines: ReadLine[]; receipt: Receipt }> {
  const stream = readLines(source, limits)
  assert.equal(stream.receipt(), undefined)
  const lines: ReadLine[] = []
  for await (const batch of stream.batches) {
    assert.ok(batch.length > 0)
    lines.push(...batch)
  }
  const receipt = stream.receipt()
  assert.ok(receipt)
  return { lines, receipt }
}

const short = (lines: readonly ReadLine[]): string[] => lines.map((l) => `${l.number} ${l.problem ?? l.text}`)
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

test('lines are the same whatever the chunks, packed or not', async () => {
  const bytes = Buffer.from('\ufeff{"a":1}\r\n\n{"b":"æøå §"}\n  \t\r\n{"c":"😀"}\r\n{"d":4}')
  const expected = ['1 {"a":1}', '3 {"b":"æøå §"}', '5 {"c":"😀"}', '6 {"d":4}']
  for (const sent of [bytes, gzipSync(bytes)]) {
    for (const size of [1, 2, 3, 5, 7, 1000]) {
      const { lines, receipt } = await readAll(chunked(sent, size))
      assert.deepEqual(short(lines), expected, `chunks of ${size}`)
      assert.deepEqual(receipt, {
        sha256: sha(sent),
        bytes: sent.length,
        unpackedBytes: bytes.length,
        gzip: sent !== bytes,
        bom: true,
        lines: 4,
        faults: [],
      })
    }
  }
})

test('an empty file has no lines', async () => {
  for (const text of ['', '\n', '\r\n\r\n', '\ufeff']) {
    const { lines, receipt } = await readAll(chunked(Buffer.from(text), 2))
    assert.deepEqual([lines, receipt.lines, receipt.faults], [[], 0, []])
  }
})

test('a broken line is told by its number, and its neighbours are read', async () => {
  const bytes = Buffer.concat([
    Buffer.from('one\n'),
    Buffer.from('tw\u0000o\n'),
    Buffer.from('Kontanthjælp\n', 'latin1'),
    Buffer.from([0xed, 0xa0, 0x80, 10]), // half a surrogate pair
    Buffer.from([0xc0, 0xaf, 13, 10]), // an overlong slash
    Buffer.from('six æ\r\n'),
    Buffer.from([0xe2, 0x82]), // cut off inside a letter
  ])
  const expected = [
    '1 one',
    '2 nul_byte',
    '3 invalid_utf8',
    '4 invalid_utf8',
    '5 invalid_utf8',
    '6 six æ',
    '7 invalid_utf8',
  ]
  for (const size of [1, 4, 6, 1000]) assert.deepEqual(short((await readAll(chunked(bytes, size))).lines), expected)
})

test('a line may have exactly the limit, with either line end; one byte more is too long', async () => {
  const line = (length: number) => 'x'.repeat(length)
  const bytes = Buffer.from(`${line(20)}\r\n${line(21)}\n${line(20)}\n${line(21)}\r\n${line(5000)}\n${line(20)}`)
  const expected = [20, 'line_too_long', 20, 'line_too_long', 'line_too_long', 20]
  for (const size of [1, 7, 23, 10_000]) {
    const { lines } = await readAll(chunked(bytes, size), { lineBytes: 20 })
    assert.deepEqual(
      lines.map((l) => l.problem ?? l.text.length),
      expected,
      `chunks of ${size}`,
    )
  }
  const { lines } = await readAll(
    chunked(Buffer.from(`${line(MAX_LINE_BYTES)}\n${line(MAX_LINE_BYTES + 1)}\nok`), 65_536),
  )
  assert.deepEqual(
    lines.map((l) => l.problem ?? l.text.length),
    [MAX_LINE_BYTES, 'line_too_long', 2],
  )
})

test('a line of 1 GB is passed over in bounded memory', async () => {
  const part = Buffer.alloc(4 * 1024 * 1024, 'x')
  async function* source(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('before\n')
    for (let i = 0; i < 256; i++) yield part
    yield Buffer.from('\nafter\n')
  }
  const before = process.memoryUsage().arrayBuffers
  const { lines, receipt } = await readAll(source())
  assert.deepEqual(short(lines), ['1 before', '2 line_too_long', '3 after'])
  assert.equal(receipt.bytes, 256 * part.length + 14)
  assert.ok(process.memoryUsage().arrayBuffers - before < 16 * 1024 * 1024)
})

test('a damaged, cut or bloated file has a fault in its receipt', async () => {
  const packed = gzipSync(Buffer.from('{"a":1}\n'.repeat(5000)))
  const codes = async (bytes: Uint8Array, limits?: LineLimits) =>
    (await readAll(chunked(bytes, 100), limits)).receipt.faults.map((f) => f.code)
  assert.deepEqual(await codes(packed), [])
  assert.deepEqual(await codes(packed.subarray(0, packed.length - 9)), ['gzip_damaged'])
  assert.deepEqual(await codes(packed.subarray(0, 5)), ['gzip_damaged'])
  const flipped = Buffer.from(packed)
  flipped[flipped.length - 6] = (flipped.at(-6) ?? 0) ^ 1
  assert.deepEqual(await codes(flipped), ['gzip_damaged'])
  assert.deepEqual(await codes(Buffer.from('a\nb\nc\n'.repeat(100)), { fileBytes: 300 }), ['file_too_large'])
  assert.deepEqual(await codes(packed, { unpackedBytes: 30_000 }), ['file_too_large'])
  // What was cut off by the limit is no line.
  const cut = await readAll(chunked(Buffer.from('one\ntwo\nthree'), 6), { fileBytes: 10 })
  assert.deepEqual(short(cut.lines), ['1 one'])
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, '\n'))
  const { receipt } = await readAll(chunked(bomb, 4096))
  assert.deepEqual(
    receipt.faults.map((f) => f.code),
    ['file_too_large'],
  )
  assert.ok(receipt.unpackedBytes < 32 * 1024 * 1024)
})

test('an error of the source goes through, packed or not', async () => {
  const failing = (bytes: Uint8Array) =>
    async function* () {
      yield bytes
      throw new Error('connection cut')
    }
  await assert.rejects(readAll(failing(Buffer.from('a\nb'))()), /connection cut/)
  await assert.rejects(readAll(failing(gzipSync('a\nb').subarray(0, 12))()), /connection cut/)
})

test('any bytes in any chunks give the lines that a plain split gives', async () => {
  const piece = fc.constantFrom('a', 'bc', 'æ', '😀', '\n', '\r\n', '\r', ' ', '\u0000', '\n\n')
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), async (pieces, size) => {
      const text = `x${pieces.join('')}`
      const { lines } = await readAll(chunked(Buffer.from(text), size), { lineBytes: 8 })
      const expected = text.split('\n').flatMap((raw, i) => {
        const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
        if (Buffer.byteLength(line) > 8) return [`${i + 1} line_too_long`]
        if (line.includes('\u0000')) return [`${i + 1} nul_byte`]
        return /^[ \t\r]*$/.test(line) ? [] : [`${i + 1} ${line}`]
      })
      assert.deepEqual(short(lines), expected)
    }),
    { seed: 5, numRuns: 400 },
  )
})
