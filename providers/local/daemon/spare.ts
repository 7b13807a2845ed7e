import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { identify, isRunning, signalGroup, type ProcessIdentity } from '../instances/process.ts'

/** A command line, and where its output goes. */
export interface SpareCommand {
  readonly command: readonly [string, ...string[]]
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly log: string
}

/** A process that has loaded everything and waits for a word on its standard input. */
export interface Ready {
  readonly process: ProcessIdentity
  /** Gives it the word. */
  begin(): void
}

/** Keeps one process standing by. It ends with this process, unless it was handed out and has begun. */
export interface Spare {
  /** Starts one if none stands by. */
  tend(): void
  /** Hands it out; `undefined` when none stands by. */
  take(onExit: (code: number | null) => void): Ready | undefined
  /** Ends it. None is no error. */
  stop(): Promise<void>
}

/** Makes a spare; starts nothing yet. */
export function createSpare({ command: [program, ...args], folder, environment, log }: SpareCommand): Spare {
  let standing: { readonly child: ChildProcess; readonly process: ProcessIdentity } | undefined

  return {
    tend() {
      if (standing !== undefined) return
      const output = openSync(log, 'a', 0o600)
      const child = spawn(program, args, {
        cwd: folder,
        env: { ...environment },
        detached: true,
        stdio: ['pipe', output, output],
      })
      closeSync(output)
      child.unref()
      // Whether it ended or never ran: the next turn starts another.
      const gone = () => {
        if (standing?.child === child) standing = undefined
      }
      child.on('error', gone).on('exit', gone)
      child.stdin?.on('error', gone)
      const process = child.pid === undefined ? undefined : identify(child.pid)
      if (process !== undefined) standing = { child, process }
    },

    take(onExit) {
      if (standing === undefined) return undefined
      const { child, process } = standing
      standing = undefined
      child.on('exit', onExit)
      return { process, begin: () => void child.stdin?.end('begin\n') }
    },

    async stop() {
      if (standing === undefined) return
      const { process } = standing
      signalGroup(process, 'SIGKILL')
      while (isRunning(process)) await sleep(5)
    },
  }
}
