import { parseArgs, type ParseArgsConfig } from 'node:util'

/** The arguments of a program of the project; one that it does not know ends it with one line, not with a stack. */
export function programArguments<const Config extends ParseArgsConfig>(config: Config): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config)
  } catch (error) {
    const known = Object.keys(config.options ?? {}).map((name) => `--${name}`)
    const [why] = (error as Error).message.split('. ')
    console.error(`${why}. There are: ${known.join(', ')}.`)
    process.exit(2)
  }
}
