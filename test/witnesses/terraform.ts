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
    ? 'terraform is not installed here, so that nobody but imago said that slots are as their owner made them'
    : PLUGINS === undefined
      ? 'IMAGO_TERRAFORM_PLUGINS names no mirror with the AWS provider, so that terraform was not asked about slots'
      : undefined

/** What somebody has written in Terraform, applied to an AWS of one's own. */
export interface Terraform {
  apply(): Promise<Readonly<Record<string, string>>>
  /** What `plan -detailed-exitcode` answers: 0 for nothing to do. */
  plan(): Promise<{ readonly code: number; readonly text: string }>
  close(): Promise<void>
}

/** @param variables by name. */
export async function terraformWith(configuration: string, variables: Readonly<Record<string, string>>): Promise<Terraform> {
  const folder = await mkdtemp(join(tmpdir(), 'imago-terraform-'))
  const settings = join(folder, 'terraform.rc')
  await writeFile(join(folder, 'main.tf'), configuration)
  await writeFile(settings, `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(PLUGINS)}\n  }\n}\n`)
  const given = Object.fromEntries(Object.entries(variables).map(([name, value]) => [`TF_VAR_${name}`, value]))
  const env = { ...process.env, ...given, TF_CLI_CONFIG_FILE: settings, TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1' }
  const run = (...args: string[]) => promisify(execFile)('terraform', [...args, '-no-color'], { cwd: folder, env })
  await run('init', '-input=false')
  return {
    async apply() {
      await run('apply', '-auto-approve', '-input=false')
      const { stdout } = await run('output', '-json')
      const outputs = JSON.parse(stdout) as Record<string, { readonly value: string }>
      return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]))
    },
    async plan() {
      try {
        const { stdout } = await run('plan', '-detailed-exitcode', '-input=false')
        return { code: 0, text: stdout }
      } catch (error) {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
        return { code, text: stdout + stderr }
      }
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

/** The blocks of a page in Terraform's language, in their order. */
export async function blocksOf(page: URL): Promise<string[]> {
  return [...(await readFile(page, 'utf8')).matchAll(/^```hcl\n(.*?)^```/gms)].map(([, block = '']) => block)
}
