/** What a source system is told of its orders: why they are held and let go in the words of the pages. */
import type { OrderStatus, SourceEvent } from '../modules/events/index.ts'
import { holdCause, letGoText } from './text/index.ts'

export function orderJson(status: OrderStatus) {
  const holds = status.holds.map(({ detail, released, ...hold }) => ({
    ...hold,
    reason: holdCause({ ...hold, detail }),
    released: released && { ...released, reason: letGoText(hold.kind, released) },
  }))
  return { ...status, holds }
}

/** Without what only the product itself needs to know. */
export function eventJson<Event extends SourceEvent>({ corrects: _corrects, hold, ...event }: Event) {
  if (hold === undefined) return event
  return { ...event, cause: event.kind === 'released' ? letGoText(hold.kind, hold) : holdCause(hold) }
}
