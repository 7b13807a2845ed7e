import type { WriteStream } from 'node:tty'
import pc from 'picocolors'

/** Functions that colour a text, or leave it as it is where colours are not wanted. */
export type Paint = ReturnType<typeof pc.createColors>

/** What a stream is written to as: a terminal is redrawn, anything else gets line after line. */
export interface Surface {
  readonly stream: WriteStream
  readonly live: boolean
  readonly paint: Paint
}

/** Looks at where the output goes. Node itself knows NO_COLOR, FORCE_COLOR and terminals without colours. */
export function surfaceOf(stream: WriteStream): Surface {
  const terminal = stream.isTTY
  const live = terminal && process.env['TERM'] !== 'dumb' && process.env['CI'] === undefined
  return { stream, live, paint: pc.createColors(terminal && stream.hasColors()) }
}
