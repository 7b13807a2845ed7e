// Plain CommonJS in old syntax, so that a Node that is too old can still say so.
const oldest = { major: 22, minor: 18 }
const match = /^(\d+)\.(\d+)/.exec(process.versions.node)
const major = Number(match && match[1])
const minor = Number(match && match[2])
if (major < oldest.major || (major === oldest.major && minor < oldest.minor)) {
  const needed = `Node ${oldest.major}.${oldest.minor} or newer`
  console.error(
    `imago's sources run on ${needed}; this is ${process.versions.node} (${process.execPath}). On linux-x64 npm ci brings its own.`,
  )
  process.exit(1)
}
