import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A folder with Terraform's provider for AWS, laid out as a mirror: the registry is not asked. */
const PLUGINS = process.env['IMAGO_TERRAFORM_PLUGINS']

/** Why Terraform is not asked here; `undefined` when it is. */
export const noTerraform =
  spawnSync('terraform', ['-version'], { stdio: 'ignore' }).error !== undefined
    ? 'terraform is not installed here, so that nothing was shown to it'
    : PLUGINS === undefined
      ? 'IMAGO_TERRAFORM_PLUGINS names no mirror with the AWS provider, so that nothing was shown to terraform'
      : undefined

/** What somebody has written in Terraform, applied to an AWS of one's own. */
export interface Terraform {
  apply(): Promise<Readonly<Record<string, string>>>
  /** Applies with other variables than before, from now on; a failure is an answer. */
  change(variables: Readonly<Record<string, string>>): Promise<Said>
  /** What `plan -detailed-exitcode` answers: 0 for nothing to do. */
  plan(): Promise<Said>
  /** What it believes to be there: each resource with what is wrong about it, `tainted` or `deposed`. */
  state(): Promise<readonly Kept[]>
  close(): Promise<void>
}

/** How a command ended, and all that it said. */
export interface Said {
  readonly code: number
  readonly text: string
}

/** A resource in Terraform's state. */
export interface Kept {
  readonly resource: string
  readonly id: string
  readonly status: string
}

/** What a configuration for a server of these tests begins with. */
export function awsProvider({ region, key }: { readonly region: string; readonly key: string }): string {
  return `terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" {}
variable "image" {}

provider "aws" {
  region                      = "${region}"
  access_key                  = "${key}"
  secret_key                  = "a secret of nobody"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  endpoints {
    autoscaling = var.endpoint
    ec2         = var.endpoint
    elbv2       = var.endpoint
    iam         = var.endpoint
    sts         = var.endpoint
  }
}
`
}

/** @param variables by name. */
export async function terraformWith(configuration: string, variables: Readonly<Record<string, string>>): Promise<Terraform> {
  const folder = await mkdtemp(join(tmpdir(), 'imago-terraform-'))
  const settings = join(folder, 'terraform.rc')
  await writeFile(join(folder, 'main.tf'), configuration)
  await writeFile(settings, `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(PLUGINS)}\n  }\n}\n`)
  const env: NodeJS.ProcessEnv = { ...process.env, TF_CLI_CONFIG_FILE: settings, TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1' }
  const give = (given: Readonly<Record<string, string>>) => {
    for (const [name, value] of Object.entries(given)) env[`TF_VAR_${name}`] = value
  }
  give(variables)
  const run = (...args: string[]) => promisify(execFile)('terraform', [...args, '-no-color'], { cwd: folder, env })
  await run('init', '-input=false')
  return {
    async apply() {
      await run('apply', '-auto-approve', '-input=false')
      const { stdout } = await run('output', '-json')
      const outputs = JSON.parse(stdout) as Record<string, { readonly value: string }>
      return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]))
    },
    change(changed) {
      give(changed)
      return said(run('apply', '-auto-approve', '-input=false'))
    },
    plan: () => said(run('plan', '-detailed-exitcode', '-input=false')),
    state: async () => keptIn(await readFile(join(folder, 'terraform.tfstate'), 'utf8')),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

async function said(running: Promise<{ readonly stdout: string }>): Promise<Said> {
  try {
    return { code: 0, text: (await running).stdout }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, text: stdout + stderr }
  }
}

interface StateFile {
  readonly resources: readonly {
    readonly type: string
    readonly name: string
    readonly instances: readonly {
      readonly status?: string
      readonly deposed?: string
      readonly attributes: { readonly id: string }
    }[]
  }[]
}

function keptIn(state: string): Kept[] {
  return (JSON.parse(state) as StateFile).resources.flatMap(({ type, name, instances }) =>
    instances.map(({ status, deposed, attributes: { id } }) => {
      const wrong = [status, deposed === undefined ? undefined : 'deposed'].filter((one) => one !== undefined)
      return { resource: `${type}.${name}`, id, status: wrong.join(', ') || 'as applied' }
    }),
  )
}

/** The blocks of a page in Terraform's language, in their order. */
export async function blocksOf(page: URL): Promise<string[]> {
  return [...(await readFile(page, 'utf8')).matchAll(/^```hcl\n(.*?)^```/gms)].map(([, block = '']) => block)
}
