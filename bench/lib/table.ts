/** Every bench, by name the module that holds it. */
export const BENCHES: Readonly<Record<string, string>> = {
  'durable-step': '../durable-step.ts',
  decide: '../decide.ts',
  simulator: '../simulator.ts',
  'many-rollouts': '../many-rollouts.ts',
  makespan: '../makespan.ts',
  'provider-reads': '../provider-reads.ts',
  terraform: '../terraform.ts',
  balancer: '../local-balancer.ts',
  import: '../import.ts',
}
