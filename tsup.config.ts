import { readFile, writeFile } from 'node:fs/promises'
import { defineConfig } from 'tsup'
import { subpaths } from './tools/subpaths.ts'

/** Sources by the name of the built file: `imago/stores/sqlite` becomes `dist/stores/sqlite.js`, and `imago` itself `dist/index.js`. */
const published = Object.fromEntries([...subpaths].map(([name, source]) => [name.replace(/^imago\/?/, '') || 'index', source]))

/** Programs that the local provider starts; the package does not export them. */
const processes = {
  'local-daemon': 'providers/local/daemon/main.ts',
  'local-balancer': 'providers/local/balancer/main.ts',
}

export default defineConfig({
  entry: { ...published, ...processes },
  format: 'esm',
  target: 'node22',
  splitting: true,
  clean: true,
  // node:sqlite has no other name.
  removeNodeProtocol: false,
  dts: { entry: published },
  // Without it the package would be larger than is promised; classes and functions keep names that say something, for stack traces.
  minify: 'terser',
  terserOptions: { module: true, compress: { passes: 2, ecma: 2020 }, keep_fnames: /^.{8,}$/, keep_classnames: true },
  onSuccess: async () => {
    const schema: unknown = JSON.parse(await readFile('src/core/events.schema.json', 'utf8'))
    await writeFile('dist/events.schema.json', JSON.stringify(schema))
  },
})
