// What is deployed once: the store, the cloud and the fleets. Every process that imports it can plan, drive or answer.
import { join, resolve } from 'node:path'
import { clone, createImago } from 'imago'
import { local, localBalancer } from 'imago/local'
import { sqlite } from 'imago/stores/sqlite'

const home = resolve(process.env['IMAGO_HOME'] ?? '.imago')
const cloud = local({ home })

export const imago = createImago({ store: sqlite({ path: join(home, 'rollouts.db') }), providers: { here: cloud } })
export const web = imago.fleet('web', {
  provider: 'here',
  groups: clone({ adopt: 'web' }),
  traffic: localBalancer(cloud, { name: 'web' }),
})
