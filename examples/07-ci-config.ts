// What every job of a pipeline shares: a bucket for the journal, the cloud, the fleet. The rest is in the environment of the job.
import { clone, createImago } from 'imago'
import { alb, aws } from 'imago/aws'
import { s3 } from 'imago/stores/s3'

const region = process.env['AWS_REGION'] ?? 'eu-west-1'
const cloud = aws({ region })

export const imago = createImago({
  store: s3({ region, bucket: process.env['JOURNALS'] ?? 'journals' }),
  providers: { [region]: cloud },
})
export const web = imago.fleet('web', {
  provider: region,
  groups: clone({ adopt: 'web' }),
  traffic: alb(cloud, { listeners: [process.env['LISTENER'] ?? ''] }),
})
