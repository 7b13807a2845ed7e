import { homedir } from 'node:os'
import { join } from 'node:path'

/** `imago/rollouts.db` in the folder where this system keeps a user's state. */
export function defaultPath(): string {
  const mac = join(homedir(), 'Library', 'Application Support')
  const state = process.env['XDG_STATE_HOME'] ?? (process.platform === 'darwin' ? mac : join(homedir(), '.local', 'state'))
  return join(state, 'imago', 'rollouts.db')
}
