import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** A socket in the file system, or a port of this machine. */
export type Address = { readonly path: string } | { readonly host: string; readonly port: number }

/** Carries whatever comes in at one address to another; it keeps no process from ending. @returns what ends it. */
export async function forward(from: Address, to: Address): Promise<() => void> {
  const server = createServer((socket) => {
    const ends = [socket, connect(to)] as const
    for (const one of ends) one.unref().on('error', () => void ends.map((end) => end.destroy()))
    ends[0].pipe(ends[1]).pipe(ends[0])
  })
  server.listen(from).unref()
  await once(server, 'listening')
  return () => void server.close()
}

/** As a program: `forward.ts PORT SOCKET COMMAND …` has a port lead to a socket while a command runs. */
if (process.argv[1] === import.meta.filename) {
  const [port, path = '', command = '', ...words] = process.argv.slice(2)
  await forward({ host: '127.0.0.1', port: Number(port) }, { path })
  const [code] = (await once(spawn(command, words, { stdio: 'inherit' }), 'exit')) as [number | null]
  process.exitCode = code ?? 1
}
