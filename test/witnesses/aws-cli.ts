import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { OWNERS_KEY } from '../aws/wire/server.ts'

/** Why AWS's own command line is not asked here; `undefined` when it is. It reads the protocols by code that is not ours and not the SDK's. */
export const noAwsCli =
  spawnSync('aws', ['--version'], { stdio: 'ignore' }).status === 0
    ? undefined
    : 'the aws command line is not installed here, so that only the SDK has read what the server of these tests says'

/** Runs one command of it against a server, as the owner of everything. @returns what it printed, `undefined` when that was nothing. */
export async function awsCli(endpoint: string, ...command: readonly string[]): Promise<unknown> {
  const common = ['--endpoint-url', endpoint, '--region', 'eu-west-1', '--output', 'json']
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    AWS_ACCESS_KEY_ID: OWNERS_KEY,
    AWS_SECRET_ACCESS_KEY: "the owner's secret",
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
    // Version 2 would open a pager.
    AWS_PAGER: '',
  }
  const { stdout } = await execute('aws', [...command, ...common], { env })
  return stdout.trim() === '' ? undefined : JSON.parse(stdout)
}

const execute = promisify(execFile)
