import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import type { BenchReport } from '../../bench/lib/bench.ts'
import { root } from '../../tools/subpaths.ts'

/** What the small form of a bench says; its numbers mean nothing. */
export async function quick(name: string, env = process.env): Promise<BenchReport | undefined> {
  const { stdout } = await runBench([name, '--quick', '--json'], env)
  return (JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { benches: BenchReport[] }).benches[0]
}

/** The program itself. */
export async function runBench(args: readonly string[], env = process.env): Promise<{ stdout: string }> {
  return await promisify(execFile)(process.execPath, [join(root, 'bench/main.ts'), ...args], { cwd: root, env })
}

/** It went through, and every figure says what was found. */
export function expectFigures(name: string, report: BenchReport | undefined): void {
  expect(report).toMatchObject({ name, how: expect.stringMatching(/\w{3}/) as string, skipped: expect.any(Array) as string[] })
  expect(report?.figures.length).toBeGreaterThan(0)
  for (const figure of report?.figures ?? [])
    expect(figure).toMatchObject({ name: expect.stringMatching(/\w/) as string, value: expect.any(Number) as number })
  expect(report?.figures.some((figure) => figure.target !== undefined)).toBe(true)
}

/** Whether HAProxy was there to be measured. */
export function measuredHaproxy(report: BenchReport | undefined): boolean {
  return report?.figures.some((figure) => figure.name.startsWith('haproxy')) === true
}
