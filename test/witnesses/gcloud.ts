import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { OWNERS_TOKEN } from '../gcp/wire/server.ts'
import { forward } from './forward.ts'

/** A command line for Compute Engine. */
export interface CommandLine {
  /** Runs one command as the owner of a project. @returns what it printed, as JSON. @throws Error with what it says when it fails. */
  run(project: string, ...command: readonly string[]): Promise<unknown>
  close(): Promise<void>
}

const runs = (command: string, ...words: readonly string[]) => spawnSync(command, words, { stdio: 'ignore' }).status === 0
/** Gives a command a network that leads nowhere but to itself. */
const ALONE = ['unshare', '--net', '--map-root-user', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] as const

/** Why Google's own command line is not asked here; `undefined` when it is. It reads the API by code that is not ours and not the SDK's. */
export const noGcloud = runs('sh', '-c', 'command -v gcloud')
  ? runs(ALONE[0], ...ALONE.slice(1), 'true')
    ? undefined
    : 'no network of its own can be made here for gcloud (unshare --net, ip link), so that only its stand-in was asked'
  : 'gcloud is not installed here, so that only its stand-in was asked'

/** gcloud against a server, in a network where there is nothing else. */
export async function startGcloud(endpoint: string): Promise<CommandLine> {
  const folder = await mkdtemp(join(tmpdir(), 'imago-gcloud-'))
  const { hostname: host, port } = new URL(endpoint)
  // A socket in the file system is seen from every network.
  const [socket, token] = [join(folder, 'socket'), join(folder, 'token')]
  await writeFile(token, OWNERS_TOKEN)
  const end = await forward({ path: socket }, { host, port: Number(port) })
  const between = [process.execPath, join(import.meta.dirname, 'forward.ts'), port, socket]
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    CLOUDSDK_CONFIG: join(folder, 'config'),
    CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${endpoint}/compute/v1/`,
    CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: token,
    CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: '1',
    CLOUDSDK_CORE_CHECK_GCE_METADATA: '0',
    CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: '1',
  }
  return {
    run: (project, ...command) => printed([...ALONE, ...between, 'gcloud', ...wordsFor(project, command)], env),
    async close() {
      end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** What stands in for gcloud where it is not installed. */
export async function startStandIn(endpoint: string): Promise<CommandLine> {
  const program = [process.execPath, join(import.meta.dirname, 'gcloud-stand-in.ts')]
  return {
    run: (project, ...command) =>
      printed([...program, ...wordsFor(project, command)], { ENDPOINT: endpoint, TOKEN: OWNERS_TOKEN }),
    close: async () => undefined,
  }
}

function wordsFor(project: string, command: readonly string[]): string[] {
  return ['compute', ...command, '--project', project, '--format=json']
}

const execute = promisify(execFile)

async function printed([program = '', ...words]: readonly string[], env: NodeJS.ProcessEnv): Promise<unknown> {
  const { stdout } = await execute(program, words, { env })
  // What it waits for is said in words, before what it prints.
  const json = stdout.slice(stdout.search(/^[[{]/m))
  return stdout.trim() === '' ? undefined : JSON.parse(json)
}
