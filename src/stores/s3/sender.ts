import type * as s3 from '@aws-sdk/client-s3'
import { missingPeer } from '../../core/errors.ts'
import type { S3Options } from './options.ts'

type Package = typeof s3

/** What S3 answered, and when by its own clock, epoch milliseconds in whole seconds; `undefined` when it did not say. */
export interface Heard<Output> {
  readonly date: number | undefined
  readonly output?: Output
  /** What the SDK threw in place of an output. */
  readonly error?: unknown
}

/** Sends one request, once: whether to repeat it is for others to say. */
export interface Sender {
  put(input: s3.PutObjectCommandInput): Promise<Heard<s3.PutObjectCommandOutput>>
  /** With the text of what was got. */
  get(input: s3.GetObjectCommandInput): Promise<Heard<{ readonly etag: string; readonly body: string }>>
  list(input: s3.ListObjectsV2CommandInput): Promise<Heard<s3.ListObjectsV2CommandOutput>>
  close(): void
}

/** S3 answers within seconds; a store that does not is away. */
const TIMES = { connectionTimeout: 5_000, requestTimeout: 15_000 }

/** Makes a sender; nothing is loaded or opened before the first request. */
export function createSender({ region, credentials, endpoint }: S3Options): Sender {
  let opened: Promise<{ loaded: Package; client: s3.S3Client }> | undefined
  let closed = false
  const open = async () => {
    const loaded = await import('@aws-sdk/client-s3').catch(missingPeer('@aws-sdk/client-s3', 'imago/stores/s3'))
    const client = new loaded.S3Client({
      // The SDK would take a write that it repeated for one that somebody else was first with.
      maxAttempts: 1,
      requestHandler: TIMES,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      ...(region === undefined ? {} : { region }),
      ...(credentials === undefined ? {} : { credentials: credentials as NonNullable<s3.S3ClientConfig['credentials']> }),
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    })
    return { loaded, client }
  }
  const using = async <Output>(send: (parts: { loaded: Package; client: s3.S3Client }, heard: Listener) => Promise<Output>) => {
    if (closed) return { date: undefined, error: new Error('the store was closed') }
    opened ??= open()
    const heard: Listener = { date: undefined }
    try {
      return { output: await send(await opened, heard), date: heard.date }
    } catch (error) {
      return { error, date: heard.date }
    }
  }
  return {
    put: (input) => using(({ loaded, client }, heard) => client.send(listened(new loaded.PutObjectCommand(input), heard))),
    get: (input) =>
      using(async ({ loaded, client }, heard) => {
        const { ETag: etag = '', Body: body } = await client.send(listened(new loaded.GetObjectCommand(input), heard))
        return { etag, body: (await body?.transformToString()) ?? '' }
      }),
    list: (input) => using(({ loaded, client }, heard) => client.send(listened(new loaded.ListObjectsV2Command(input), heard))),
    close() {
      closed = true
      void opened?.then(({ client }) => client.destroy())
    },
  }
}

interface Listener {
  date: number | undefined
}

interface Listenable {
  readonly middlewareStack: {
    add(middleware: (next: (args: object) => Promise<object>) => (args: object) => Promise<object>, options: object): void
  }
}

/** Hears when an answer was given, which the SDK does not tell; also of one that says no. */
function listened<Command>(command: Command, listener: Listener): Command {
  ;(command as Listenable).middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const { date } = (result as { response?: { headers?: Record<string, string> } }).response?.headers ?? {}
      listener.date = date === undefined ? undefined : Date.parse(date)
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'imagoClock' },
  )
  return command
}
