import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** `imago/rollouts.db` in the folder where this system keeps a user's state. */
export function defaultPath(): string {
  return join(stateFolder(), 'imago', 'rollouts.db')
}

function stateFolder(): string {
  const chosen = process.env['XDG_STATE_HOME']
  // The XDG specification: a path that is empty or relative is ignored.
  if (chosen !== undefined && isAbsolute(chosen)) return chosen
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support')
  return join(homedir(), '.local', 'state')
}
