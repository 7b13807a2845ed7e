// Lets a program import 'imago' and its subpaths from the sources, without a build: node --import ./tools/source.mjs program.ts
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { subpaths } from './subpaths.ts'

registerHooks({
  resolve(specifier, context, nextResolve) {
    const source = subpaths.get(specifier)
    return nextResolve(source === undefined ? specifier : pathToFileURL(source).href, context)
  },
})
