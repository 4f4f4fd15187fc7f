/**
 * Where the bytes of `import { Raindrop } from 'raindrop-js'` in a page are: by part and by module, minified and gzipped. What a module
 * costs is what the bundle has less without its text. `node scripts/size-account.mjs`; figures and what follows from them stand in
 * docs/decisions/size.md.
 */
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { root } from './run.mjs'

const PARTS = {
  'queue, its bounds and its books':
    /core\/(queue|stock|shelf|bounds|picking|recent|staging|fifo|reservations|ledger|amendments|memory-store|resilient-store)\./,
  'client: parts put together, page life, flush and shutdown, hooks, debug log':
    /core\/(client|pipeline|intake|life|ending|reporter|debug-log|mirror|store|forwarding|index)\.|zustand/,
  'delivery: when, backoff, holds, bisecting, reports':
    /core\/(delivery|delivery-reports|upload|retry|gate|holds|batch-size)\./,
  'what a call says: checks, events, signals, options, ids':
    /core\/(checks|event|signal|options|ids|errors|headers|version)\.|nanoid/,
  'feedback: votes, comments, edits, undo': /core\/(feedback|feedback-[a-z]+|topic)\./,
  'the page: IndexedDB, farewell, tabs, visitor, fetch, clock': /src\/(browser|web)\/|idb-keyval/,
  'interactions and streams': /core\/(interaction|interactions|handles|track-stream)\./,
  'wire, relay and direct protocol, stored records': /core\/(wire|sealing|outlet|record-keys)\./,
  'values: anything to JSON': /core\/(values|unwrap)\./,
  'size: bytes and truncation': /core\/(size|truncate|truncation-note|utf8)\./,
  'contexts, and spans without a plug-in': /core\/tracing\.|synchronous-contexts/,
}

const gzipped = (text) => gzipSync(text, { level: 9 }).length

/** The text of each module in the bundle, in order. */
async function modules() {
  const { outputFiles, metafile } = await build({
    stdin: { contents: "export { Raindrop } from './src/browser/index.ts'", resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    metafile: true,
    write: false,
  })
  const bytes = Buffer.from(outputFiles[0].contents)
  let at = 0
  return Object.entries(Object.values(metafile.outputs)[0].inputs).map(([file, { bytesInOutput }]) => {
    const text = bytes.toString('utf8', at, at + bytesInOutput)
    at += bytesInOutput
    return { file, text }
  })
}

const all = await modules()
const whole = all.map(({ text }) => text).join('')
const total = gzipped(whole)

function table(name, rows) {
  console.log(`\n| ${name} | minified | gzipped |\n|---|---|---|`)
  for (const { label, text, rest } of rows.toSorted((a, b) => gzipped(a.rest) - gzipped(b.rest))) {
    console.log(`| ${label} | ${text.length} | ${total - gzipped(rest)} |`)
  }
}

const without = (isOwn) => ({
  text: all
    .filter(isOwn)
    .map(({ text }) => text)
    .join(''),
  rest: all
    .filter((module) => !isOwn(module))
    .map(({ text }) => text)
    .join(''),
})

const isElsewhere = (file) => Object.values(PARTS).every((files) => !files.test(file))

console.log(`${whole.length} B minified, ${total} B gzipped`)
table(
  'part',
  [...Object.entries(PARTS), ['in none of these', { test: isElsewhere }]].map(([label, files]) => ({
    label,
    ...without(({ file }) => files.test(file)),
  })),
)
table(
  'module',
  all
    .filter(({ text }) => text !== '')
    .map(({ file }) => ({ label: file, ...without((module) => module.file === file) })),
)
