/** Makes KOMBIT's XML of the compact file, message by message: for the sender, at the moment of sending. */
import { assert } from '../../base/assert.ts'
import { damaged, readLine, type Effectuation, type Line } from './record.ts'
import {
  type Effects,
  type Frame,
  frameOf,
  MESSAGE_END,
  MESSAGE_START,
  objectXml,
  type UnitFrame,
  unitFrameOf,
} from './xml.ts'

export interface ExpandOptions {
  /**
   * KOMBIT's guide wants the time of effect on every relation; the schema wants it nowhere, and it is always the
   * time of registration. `once` leaves the repetition out: the message is a third smaller.
   */
  readonly effects: Effects
  /** The most effectuations in one message. No limit is public: 1,000 (about 4 MB) is assumed. */
  readonly perMessage: number
}

const DEFAULTS: ExpandOptions = { effects: 'once', perMessage: 1_000 }

/**
 * Whole messages, each a document of its own, in the order of the file; a file without effectuations gives none.
 * `lines` are the lines of the compact file without their ends, read as they are asked for: nothing of the file is
 * kept but its head, its units and one message.
 *
 * Throws Refusal `delivery_damaged` when a line is no record, or when the end is missing or counts otherwise: then
 * the last message has not been given.
 */
export function* expandDelivery(lines: Iterable<string>, options: Partial<ExpandOptions> = {}): Generator<string> {
  const { effects, perMessage } = { ...DEFAULTS, ...options }
  assert(perMessage >= 1, `effectuations in a message: ${perMessage}`)
  const units = new Map<number, UnitFrame>()
  let frame: Frame | undefined
  let message = ''
  let count = 0
  let number = 0
  let ended = false
  for (const text of lines) {
    number++
    if (text === '') continue
    if (ended) throw damaged(`line ${number} comes after the end`)
    const line = readLine(text, number)
    if ('format' in line) {
      if (frame !== undefined) throw damaged(`line ${number} is a second head`)
      frame = frameOf(line, effects)
    } else if (frame === undefined) {
      throw damaged('its first line is not the head')
    } else if (isEffectuation(line)) {
      const unit = units.get(line.unit)
      if (unit === undefined) throw damaged(`line ${number} names unit ${line.unit}, which no line before it gives`)
      // Given only when there is more to come: a file cut short never looks finished.
      if (count > 0 && count % perMessage === 0) {
        yield MESSAGE_START + message + MESSAGE_END
        message = ''
      }
      message += objectXml(frame, unit, line)
      count++
    } else if ('los' in line) {
      units.set(line.unit, unitFrameOf(frame, line))
    } else {
      if (line.effectuations !== count) throw damaged(`its end counts ${line.effectuations}, it has ${count}`)
      ended = true
    }
  }
  if (!ended) throw damaged('its end is missing')
  if (message !== '') yield MESSAGE_START + message + MESSAGE_END
}

function isEffectuation(line: Line): line is Effectuation {
  return 'uuid' in line
}
