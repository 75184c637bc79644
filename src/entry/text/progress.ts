/** How far long work has come, in one line. */
import { countText } from './lines.ts'

/** `210.000 af 1.000.000, 41.667/s, 19 s tilbage`: rate and time left once there is something to judge by. */
export function progressText(done: number, total: number | undefined, seconds: number): string {
  const rate = seconds > 0 ? done / seconds : 0
  const of = total === undefined ? countText(done) : `${countText(done)} af ${countText(total)}`
  if (done === 0 || rate === 0) return of
  const left = total === undefined || total <= done ? '' : `, ${duration((total - done) / rate)} tilbage`
  return `${of}, ${perSecond(rate)}${left}`
}

/** `19.992 på 1,6 s, 12.534/s` */
export function finishedText(done: number, seconds: number): string {
  if (done === 0) return `færdig på ${duration(seconds)}`
  const rate = seconds > 0 ? `, ${perSecond(done / seconds)}` : ''
  return `${countText(done)} på ${duration(seconds)}${rate}`
}

function perSecond(rate: number): string {
  return `${rate < 10 ? tenths(rate) : countText(Math.round(rate))}/s`
}

function tenths(value: number): string {
  return value.toFixed(1).replace('.', ',')
}

function duration(seconds: number): string {
  if (seconds < 9.95) return `${tenths(seconds)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${whole % 60} s`
  return `${Math.floor(minutes / 60)} t ${minutes % 60} min`
}
