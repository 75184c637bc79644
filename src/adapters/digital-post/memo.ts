/**
 * The envelope of a letter for Digital Post: MeMo 1.2. Names and order of elements are those of public senders (see the
 * README); what the public sector's hub says of it is not known here. Bytes follow from what is told alone.
 */
import { DECLARATION, xmlText } from '../../base/xml-out.ts'

export interface MemoFile {
  /** Such as `application/pdf`. */
  readonly format: string
  readonly name: string
  readonly bytes: Uint8Array
}

export interface MemoMessage {
  /** 16 bytes that are the letter's own, such as the beginning of a hash: the message's UUID is made of them. */
  readonly seed: Uint8Array
  readonly label: string
  readonly language: string
  /** The municipality: CVR number and name. */
  readonly sender: { readonly cvr: string; readonly name: string }
  readonly recipient: { readonly type: 'cpr' | 'cvr'; readonly id: string }
  /** A business time in UTC: `2026-04-02T09:00:00Z`. */
  readonly createdAt: string
  /** The same letter in each format; the first is what is shown. */
  readonly files: readonly MemoFile[]
}

const ID_TYPE = { cpr: 'CPR', cvr: 'CVR' } as const
/** MeMo's limit of a label. */
const LONGEST_LABEL = 255

/** @da digital post */
export function memoOf(message: MemoMessage): string {
  const { label, language, sender, recipient, createdAt, files } = message
  const one = (name: string, text: string) => `<memo:${name}>${xmlText(text)}</memo:${name}>`
  const file = ({ format, name, bytes }: MemoFile) =>
    `<memo:File>${one('encodingFormat', format)}${one('filename', name)}${one('language', language)}` +
    `<memo:content>${Buffer.from(bytes).toString('base64')}</memo:content></memo:File>`
  return `${DECLARATION}<memo:Message xmlns:memo="https://DigitalPost.dk/MeMo-1" memoVersion="1.2" memoSchVersion="1.2.0">
<memo:MessageHeader>
${one('messageType', 'DIGITALPOST')}
${one('messageUUID', uuidOf(message.seed))}
${one('label', [...label].slice(0, LONGEST_LABEL).join(''))}
${one('mandatory', 'false')}
${one('legalNotification', 'false')}
<memo:Sender>${one('senderID', sender.cvr)}${one('idType', 'CVR')}${one('label', sender.name)}</memo:Sender>
<memo:Recipient>${one('recipientID', recipient.id)}${one('idType', ID_TYPE[recipient.type])}</memo:Recipient>
</memo:MessageHeader>
<memo:MessageBody>
${one('createdDateTime', createdAt)}
<memo:MainDocument>
${files.map(file).join('\n')}
</memo:MainDocument>
</memo:MessageBody>
</memo:Message>
`
}

/** A UUID of version 8 (RFC 9562): its bits are ours, so the same letter has the same one. */
function uuidOf(seed: Uint8Array): string {
  const bytes = Buffer.from(seed.subarray(0, 16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
