/** What became of a scenario under a policy. */
export interface Tried {
  /** What was refused, or how else it did not end as it should. */
  readonly fault: string | undefined
  /** Permissions that were asked for. */
  readonly asked: ReadonlySet<string>
}

/** How it is shown that a cloud's permissions are enough, and none of them superfluous. */
export interface Proof<Policy> {
  /** Names of what together needs everything. */
  readonly scenarios: readonly string[]
  /** What a scenario should need. */
  exactly(scenario: string): Policy
  /** The same but for one permission, wherever it is given. */
  without(policy: Policy, permission: string): Policy
  /** Plays a scenario, to its end or to its fault. */
  play(scenario: string, policy: Policy): Promise<Tried>
  /** How a fault names a permission that is missing. */
  says(permission: string): string
}

/** For each permission that is asked for, the scenarios that do. Each of them gets through with all that it should need. */
export async function neededBy<Policy>(proof: Proof<Policy>): Promise<ReadonlyMap<string, readonly string[]>> {
  const needed = new Map<string, string[]>()
  for (const name of proof.scenarios) {
    const { fault, asked } = await proof.play(name, proof.exactly(name))
    if (fault !== undefined) throw new Error(`${name}: ${fault}`)
    for (const permission of asked) needed.set(permission, [...(needed.get(permission) ?? []), name])
  }
  return needed
}

/** Which permissions can be done without: the first scenario that asks for one does not stumble over it. */
export async function superfluous<Policy>(
  proof: Proof<Policy>,
  permissions: readonly string[],
  needed: ReadonlyMap<string, readonly string[]>,
): Promise<string[]> {
  const found: string[] = []
  for (const permission of permissions) {
    const scenario = needed.get(permission)?.find((one) => isGiven(proof, one, permission))
    if (scenario === undefined) {
      found.push(`${permission} is asked for by no scenario that is given it`)
      continue
    }
    const { fault } = await proof.play(scenario, proof.without(proof.exactly(scenario), permission))
    if (fault?.includes(proof.says(permission)) !== true)
      found.push(`${scenario}, without ${permission}: ${fault ?? 'it got through'}`)
  }
  return found
}

/** Whether a scenario should need a permission; another one may ask for it, and go on without. */
function isGiven<Policy>(proof: Proof<Policy>, scenario: string, permission: string): boolean {
  const policy = proof.exactly(scenario)
  return JSON.stringify(proof.without(policy, permission)) !== JSON.stringify(policy)
}

/** The fault of what is tried, or what it threw. */
export async function faultOf(body: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await body()
  } catch (error) {
    return String(error)
  }
}
