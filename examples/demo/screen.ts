import type { Plan, RolloutEvent, Turn } from 'imago'
import { createLogUpdate } from 'log-update'
import wrapAnsi from 'wrap-ansi'
import { frame, type GroupGlance } from './frame.ts'
import type { Load } from './load.ts'
import type { Surface } from './paint.ts'
import { sentence } from './sentences.ts'

/** Shows what happens as it happens: redrawn on a terminal, line by line elsewhere. */
export interface Screen {
  /** A line that stays. */
  say(text: string): void
  begin(title: string, plan: Plan): void
  turn(turn: Turn): void
  groups(groups: readonly GroupGlance[]): void
  event(event: RolloutEvent): void
  /** The rollout has ended; the picture of the fleet stays. */
  end(line: string): void
  /** Takes the picture away. */
  close(): void
}

const REDRAW_EVERY_MS = 100

/** A screen whose picture is below everything that was said. */
export function createScreen({ stream, live, paint }: Surface, load: () => Load | undefined): Screen {
  const picture = createLogUpdate(stream)
  let title = 'bringing up a fleet'
  let startedAt = 0
  let turn: Turn | undefined
  let groups: readonly GroupGlance[] = []
  const draw = () => {
    const moment = { title, groups, turn, load: load()?.latest(), failed: load()?.failed() ?? 0, now: Date.now() }
    picture(frame(moment, stream.columns, paint))
  }
  const timer = live ? setInterval(draw, REDRAW_EVERY_MS) : undefined
  const say = (text: string) => {
    if (live) picture.persist(wrapped(text, stream.columns))
    else stream.write(`${text}\n`)
  }
  return {
    say,
    begin(next, plan) {
      title = next
      startedAt = Date.now()
      say(`\n${paint.bold(next)}\n\n${plan.toString()}\n`)
    },
    turn: (next) => (turn = next),
    groups: (next) => (groups = next),
    event(event) {
      const text = sentence(event, paint)
      if (text !== undefined)
        say(`${paint.dim(`${((event.at - startedAt) / 1_000).toFixed(1).padStart(7)}s`)}  ${text.replaceAll('\n', ' ')}`)
    },
    end(line) {
      turn = undefined
      say(`\n  ${line}`)
    },
    close() {
      clearInterval(timer)
      if (!live) return
      picture.clear()
      picture.done()
    },
  }
}

/** Breaks long lines between words and indents what follows, so that tables stay readable on a narrow terminal. */
function wrapped(text: string, columns: number): string {
  const indent = ' '.repeat(10)
  return text
    .split('\n')
    .map((line) => {
      const fits = !wrapAnsi(line, columns, { trim: false }).includes('\n')
      return fits ? line : wrapAnsi(line, columns - indent.length, { trim: false }).replaceAll(/\n */g, `\n${indent}`)
    })
    .join('\n')
}
