import assert from 'node:assert/strict'
import { test } from 'node:test'
import { xmlReader } from '../../base/xml-in.ts'
import { memoOf } from './memo.ts'

const message = {
  seed: new Uint8Array(32).fill(0xab),
  label: 'Vi mangler en konto & en <dag>',
  language: 'da',
  sender: { cvr: '55133018', name: 'Aarhus Kommune' },
  recipient: { type: 'cpr' as const, id: '6103850000' },
  createdAt: '2026-04-02T09:00:00Z',
  files: [
    { format: 'text/html', name: 'a.html', bytes: Buffer.from('<p>æ</p>') },
    { format: 'application/pdf', name: 'a.pdf', bytes: Buffer.from('%PDF') },
  ],
}

test('an envelope says who, to whom, what and when; the same letter has the same bytes and the same id', () => {
  const text = memoOf(message)
  assert.equal(text, memoOf(structuredClone(message)))
  const told: Record<string, string[]> = {}
  const at = (path: string) => ({ [path]: { close: (value: string) => void (told[path] ??= []).push(value) } })
  const names = ['MessageHeader/messageType', 'MessageHeader/messageUUID', 'MessageHeader/label']
  const parts = [
    'MessageHeader/Sender/senderID',
    'MessageHeader/Recipient/recipientID',
    'MessageHeader/Recipient/idType',
  ]
  const file = ['encodingFormat', 'filename', 'language', 'content'].map(
    (one) => `MessageBody/MainDocument/File/${one}`,
  )
  const paths = [...names, ...parts, 'MessageBody/createdDateTime', ...file].map((one) => `Message/${one}`)
  const reader = xmlReader(Object.assign({}, ...paths.map(at)))
  reader.write(Buffer.from(text))
  assert.equal(reader.end(), true)
  assert.deepEqual(
    paths.map((path) => told[path]),
    [
      ['DIGITALPOST'],
      ['abababab-abab-8bab-abab-abababababab'],
      ['Vi mangler en konto & en <dag>'],
      ['55133018'],
      ['6103850000'],
      ['CPR'],
      ['2026-04-02T09:00:00Z'],
      ['text/html', 'application/pdf'],
      ['a.html', 'a.pdf'],
      ['da', 'da'],
      [Buffer.from('<p>æ</p>').toString('base64'), Buffer.from('%PDF').toString('base64')],
    ],
  )
})
