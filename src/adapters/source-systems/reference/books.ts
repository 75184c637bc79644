/**
 * The books of a source system of its own: what it sent, and what it was told became of it. It believes nothing that it
 * can reckon itself: amounts that it sent are held against amounts that it is told. Whole øre throughout.
 */

/** One event as it comes over the wire; fields that are not used here are left out. */
export interface ToldEvent {
  readonly event_no: number
  readonly kind: string
  readonly municipality: string
  readonly order_key: string | null
  readonly version: number | null
  readonly line_key: string | null
  readonly amount_ore: number | null
  readonly end_to_end_id?: string
  readonly code?: string
  readonly gross_ore?: number
  readonly own_atp_ore?: number
  readonly am_ore?: number
  readonly tax_ore?: number
  readonly pension_ore?: number
  readonly employer_atp_ore?: number
  readonly set_off_ore?: number
  readonly third_party_ore?: number
  readonly net_ore?: number
}

/** One order as it lies in a file. */
export interface SentOrder {
  readonly municipality: string
  readonly order_key: string
  readonly version: number
  readonly state: string
  readonly disposition_date: string
  readonly adjusts?: unknown
  readonly lines: readonly { readonly kind: string; readonly amount_ore?: number }[]
}

interface Version {
  /** Undefined when it was told as a movement: what it comes to is then not in the books. */
  readonly gross: number | undefined
  readonly withdrawn: boolean
  /** YYYY-MM-DD. */
  readonly disposition: string
  refused: boolean
}

interface Payment {
  inRound: number
  sent: number
  /** Accepted, or on the state's waiting account. */
  accepted: number
  paid: number
  returned: number
}

interface BookedOrder {
  readonly versions: Map<number, Version>
  /** Open holds, by version, kind and line. */
  readonly holds: Set<string>
  /** Øre of lines that were held in a run: they come in another. */
  heldLines: number
  readonly calculated: Map<number, { gross: number; due: number }>
  /** By payment and line. */
  readonly payments: Map<string, Payment>
}

/** What the system reckons that TØK's accounts for it must show, per municipality. */
export interface Reckoned {
  tax: number
  am: number
  atp: number
  pension: number
  net: number
  due: number
  sent: number
  claims: number
}

export interface Report {
  readonly system: string
  readonly orders: number
  readonly accepted: number
  readonly held: number
  readonly refused: number
  readonly gross_ore: number
  readonly net_ore: number
  readonly paid_ore: number
  readonly returned_ore: number
  readonly open_ore: number
  /** What does not agree, in words; at most `SHOWN`. */
  readonly differences: readonly string[]
  readonly compared_with_closing: boolean
  readonly agrees: boolean
}

const SHOWN = 100

export interface Books {
  readonly orders: Map<string, BookedOrder>
  readonly reckoned: Map<string, Reckoned>
  readonly differences: string[]
  last: number
}

export function emptyBooks(): Books {
  return { orders: new Map(), reckoned: new Map(), differences: [], last: 0 }
}

export function differ(books: Books, what: string): void {
  if (books.differences.length < SHOWN) books.differences.push(what)
}

function orderOf(books: Books, municipality: string, key: string): BookedOrder {
  const name = `${municipality}/${key}`
  let order = books.orders.get(name)
  if (order === undefined) {
    order = { versions: new Map(), holds: new Set(), heldLines: 0, calculated: new Map(), payments: new Map() }
    books.orders.set(name, order)
  }
  return order
}

function reckonedOf(books: Books, municipality: string): Reckoned {
  let row = books.reckoned.get(municipality)
  if (row === undefined) {
    row = { tax: 0, am: 0, atp: 0, pension: 0, net: 0, due: 0, sent: 0, claims: 0 }
    books.reckoned.set(municipality, row)
  }
  return row
}

/** Before it is sent; the same version again is the same. */
export function bookSent(books: Books, order: SentOrder): void {
  const { versions } = orderOf(books, order.municipality, order.order_key)
  if (versions.has(order.version)) return
  let gross = 0
  for (const line of order.lines) if (line.kind === 'benefit') gross += line.amount_ore ?? 0
  const known = order.adjusts === undefined
  versions.set(order.version, {
    gross: known ? gross : undefined,
    withdrawn: order.state === 'withdrawn',
    disposition: order.disposition_date,
    refused: false,
  })
  reckonedOf(books, order.municipality)
}

export function bookRefused(books: Books, municipality: string, key: string, version: number): void {
  const sent = books.orders.get(`${municipality}/${key}`)?.versions.get(version)
  if (sent !== undefined) sent.refused = true
}

/** Takes one event; one that was taken before is passed over, as events come at least once. */
export function bookEvent(books: Books, event: ToldEvent): void {
  if (event.event_no <= books.last) return
  books.last = event.event_no
  const row = reckonedOf(books, event.municipality)
  const amount = event.amount_ore ?? 0
  if (event.kind === 'claim_opened') row.claims += amount
  if (event.kind === 'claim_changed') row.claims -= amount
  if (event.order_key === null || event.kind.startsWith('claim_')) return
  const order = books.orders.get(`${event.municipality}/${event.order_key}`)
  if (order === undefined) {
    if (event.kind !== 'refused')
      differ(books, `Event ${event.event_no} names ${event.order_key}, which we never sent.`)
    return
  }
  const version = event.version ?? 0
  switch (event.kind) {
    case 'refused':
      return bookRefused(books, event.municipality, event.order_key, version)
    case 'held':
      order.holds.add(holdOf(event))
      order.heldLines += event.amount_ore ?? 0
      return
    case 'released':
      order.holds.delete(holdOf(event))
      return
    case 'calculated':
      return bookCalculated(books, order, row, event)
    case 'in_round':
    case 'sent':
    case 'accepted':
    case 'waiting_account':
    case 'presumed_paid':
    case 'paid':
    case 'paid_again':
    case 'returned':
      return bookPayment(order, row, event)
  }
}

/** A line of a payment run is held by itself, an order as a whole. */
function holdOf({ version, code, line_key: line }: ToldEvent): string {
  return `${version ?? 0} ${code} ${line ?? ''}`
}

function bookCalculated(books: Books, order: BookedOrder, row: Reckoned, event: ToldEvent): void {
  const of = (value: number | undefined): number => value ?? 0
  const [ownAtp, am, tax, setOff] = [of(event.own_atp_ore), of(event.am_ore), of(event.tax_ore), of(event.set_off_ore)]
  const [net, third, gross] = [of(event.net_ore), of(event.third_party_ore), of(event.gross_ore)]
  if (gross !== ownAtp + am + tax + setOff + third + net) {
    differ(books, `${event.order_key}/${event.line_key}: the parts are not the gross of ${gross} øre.`)
  }
  const version = event.version ?? 0
  const sum = order.calculated.get(version) ?? { gross: 0, due: 0 }
  sum.gross += gross
  sum.due += net + third
  order.calculated.set(version, sum)
  row.tax += tax
  row.am += am
  row.atp += ownAtp + of(event.employer_atp_ore)
  row.pension += of(event.pension_ore)
  row.net += net
  row.due += net + third
}

function bookPayment(order: BookedOrder, row: Reckoned, event: ToldEvent): void {
  const amount = event.amount_ore ?? 0
  const name = `${event.end_to_end_id}/${event.version}/${event.line_key}`
  let payment = order.payments.get(name)
  if (payment === undefined) {
    payment = { inRound: 0, sent: 0, accepted: 0, paid: 0, returned: 0 }
    order.payments.set(name, payment)
  }
  if (event.kind === 'in_round') payment.inRound += amount
  else if (event.kind === 'sent') {
    payment.sent += amount
    row.sent += amount
  } else if (event.kind === 'paid' || event.kind === 'paid_again') payment.paid += amount
  else if (event.kind === 'returned') payment.returned += amount
  // Presumed is no word of the bank: it changes nothing that is reckoned.
  else if (event.kind !== 'presumed_paid') payment.accepted += amount
}

/** Looks through the books for what cannot be; what is due up to the `ended` month (YYYY-MM) must have been paid. */
export function audit(books: Books, ended: string | undefined): void {
  for (const [name, order] of books.orders) {
    if (order.calculated.size > 1) differ(books, `${name}: two versions were calculated.`)
    let due = 0
    for (const [version, told] of order.calculated) {
      const sent = order.versions.get(version)
      if (sent === undefined || sent.refused || sent.withdrawn) {
        differ(books, `${name}: version ${version} was calculated, and should not have been.`)
      } else if (sent.gross !== undefined && sent.gross !== told.gross) {
        differ(books, `${name}: ${sent.gross} øre gross were sent, ${told.gross} øre calculated.`)
      }
      due += told.due
    }
    const sums = paymentSums(order)
    // What came back may be paid again, and a line that was held comes in another round.
    const again = sums.returned + order.heldLines
    if (sums.inRound > due + again) differ(books, `${name}: ${due} øre are due, ${sums.inRound} øre in rounds.`)
    if (sums.sent > sums.inRound || sums.accepted > sums.sent || sums.paid > sums.sent || sums.returned > sums.sent) {
      differ(books, `${name}: more was sent, accepted, paid or returned than was there.`)
    }
    if (ended === undefined || !isExpected(order, ended)) continue
    if (order.calculated.size === 0) differ(books, `${name}: it waits for nobody, and was not calculated.`)
    else if (sums.ended < due) differ(books, `${name}: ${due - sums.ended} øre are neither paid nor returned.`)
  }
}

/** Taken in, not withdrawn, waiting for nobody, and due in the month or before. */
function isExpected(order: BookedOrder, month: string): boolean {
  const newest = newestOf(order)
  return (
    newest !== undefined && !newest.sent.withdrawn && !isHeld(order) && newest.sent.disposition.slice(0, 7) <= month
  )
}

/** Whether everything that is expected by the end of a month (YYYY-MM) has been paid or has come back. */
export function hasEnded(books: Books, month: string): boolean {
  for (const order of books.orders.values()) {
    if (!isExpected(order, month)) continue
    let due = 0
    for (const told of order.calculated.values()) due += told.due
    if (order.calculated.size === 0 || paymentSums(order).ended < due) return false
  }
  return true
}

/** The newest version that was not refused. */
function newestOf(order: BookedOrder): { version: number; sent: Version } | undefined {
  let newest: { version: number; sent: Version } | undefined
  for (const [version, sent] of order.versions) {
    if (!sent.refused && (newest === undefined || version > newest.version)) newest = { version, sent }
  }
  return newest
}

function isHeld(order: BookedOrder): boolean {
  const newest = newestOf(order)
  if (newest === undefined) return false
  for (const hold of order.holds) if (hold.startsWith(`${newest.version} `)) return true
  return false
}

function paymentSums(order: BookedOrder): Payment & { settled: number; ended: number } {
  const sums = { inRound: 0, sent: 0, accepted: 0, paid: 0, returned: 0, settled: 0, ended: 0 }
  for (const one of order.payments.values()) {
    sums.inRound += one.inRound
    sums.sent += one.sent
    sums.accepted += one.accepted
    sums.paid += one.paid
    sums.returned += one.returned
    sums.settled += one.returned > 0 ? 0 : one.paid
    sums.ended += one.returned > 0 ? one.returned : one.paid
  }
  return sums
}

export function reportOf(books: Books, system: string, comparedWithClosing: boolean): Report {
  const total = { accepted: 0, held: 0, refused: 0, gross: 0, due: 0, paid: 0, returned: 0, settled: 0 }
  for (const order of books.orders.values()) {
    const accepted = newestOf(order) !== undefined
    total.accepted += accepted ? 1 : 0
    total.refused += accepted ? 0 : 1
    total.held += isHeld(order) ? 1 : 0
    for (const told of order.calculated.values()) {
      total.gross += told.gross
      total.due += told.due
    }
    const sums = paymentSums(order)
    total.paid += sums.paid
    total.returned += sums.returned
    total.settled += sums.settled
  }
  let net = 0
  for (const row of books.reckoned.values()) net += row.net
  return {
    system,
    orders: books.orders.size,
    accepted: total.accepted,
    held: total.held,
    refused: total.refused,
    gross_ore: total.gross,
    net_ore: net,
    paid_ore: total.paid,
    returned_ore: total.returned,
    open_ore: total.due - total.settled,
    differences: books.differences,
    compared_with_closing: comparedWithClosing,
    agrees: books.differences.length === 0,
  }
}
